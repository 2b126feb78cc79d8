package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Message returns connect.ErrNotFound for one that expired or never was.
func (s Messages) Message(ctx context.Context, id string, now time.Time) (connect.Message, error) {
	i, err := s.get(ctx, s.outbox, id, "", true)
	if err != nil {
		return connect.Message{}, err
	}
	if !unexpired(i, now) {
		return connect.Message{}, connect.ErrNotFound
	}
	return connect.Message{
		ID: id, Kind: connect.MessageKind(text(i, "kind")), Registration: text(i, "registration"), TokenID: text(i, "ticket"),
		User: connect.UserID(text(i, "user")), About: connect.UserID(text(i, "about")),
		Account: connect.AccountID(text(i, "account")), Invitation: text(i, "invitation"),
		Complaint: connect.ComplaintID(text(i, "complaint")), Detail: text(i, "notice"),
		Site: connect.SiteID(text(i, "site")), Callback: connect.CallbackID(text(i, "callback")),
		Held: heldOf(i), At: moment(i, "at"),
		Client: connect.ClientInfo{Location: text(i, "place"), Browser: text(i, "device")},
		Sent:   i["sentAt"] != nil, Phase: connect.Phase(text(i, "phase")), Tries: int(integer(i, "tries")),
		RetryAt: moment(i, "retryAt"), ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
	}, nil
}

// updateMessage changes a message that is there and was not sent. One that is gone, was sent or has been moved by
// another is left as it is.
func (s *client) updateMessage(ctx context.Context, id, expression, condition string, values item) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.outbox, Key: key(id, ""), UpdateExpression: aws.String(expression),
		ConditionExpression:       aws.String("attribute_exists(pk) AND attribute_not_exists(sentAt)" + condition),
		ExpressionAttributeValues: values,
	})
	if refused(err) {
		return nil
	}
	return err
}

// MarkMessageSent notes that a message has left, or that there was nothing to say any more.
func (s Outbox) MarkMessageSent(ctx context.Context, id string, now time.Time) error {
	return s.updateMessage(ctx, id, "SET sentAt = :now REMOVE phase, retryAt", "", item{":now": when(now)})
}

// MarkMessageFailed gives a message up for a reason in one word.
func (s Outbox) MarkMessageFailed(ctx context.Context, id, reason string, now time.Time) error {
	return s.updateMessage(ctx, id, "SET phase = :failed, failedAt = :now, reason = :reason REMOVE retryAt", "",
		item{":failed": str(string(connect.PhaseFailed)), ":now": when(now), ":reason": str(reason)})
}

// DeferMessage has m tried again: at a time, or for the zero time at once, behind all that is in the stream by now. It
// counts the try that failed, once however often it is called for it.
func (s Outbox) DeferMessage(ctx context.Context, m connect.Message, reason string, at time.Time) error {
	expression := "SET tries = :next, reason = :reason, phase = :phase"
	values := item{":reason": str(reason), ":phase": str(string(connect.PhaseAgain)), ":next": num(int64(m.Tries + 1))}
	condition := " AND attribute_not_exists(tries)"
	if m.Tries > 0 {
		condition = " AND tries = :was"
		values[":was"] = num(int64(m.Tries))
	}
	if at.IsZero() {
		expression += " REMOVE retryAt"
	} else {
		expression += ", retryAt = :at"
		values[":at"], values[":phase"] = when(at), str(string(connect.PhaseWaiting))
	}
	return s.updateMessage(ctx, m.ID, expression, condition, values)
}

// DueMessages lists messages whose waiting has ended, the longest due first.
func (s Retries) DueMessages(ctx context.Context, most int32, now time.Time) ([]string, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: s.outbox, IndexName: aws.String("byRetry"), Limit: aws.Int32(most),
		KeyConditionExpression:    aws.String("phase = :waiting AND retryAt <= :now"),
		ExpressionAttributeValues: item{":waiting": str(string(connect.PhaseWaiting)), ":now": when(now)},
	})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(out.Items))
	for n, i := range out.Items {
		ids[n] = text(i, "pk")
	}
	return ids, nil
}

// RequeueMessage ends a message's waiting: it is in the stream again.
func (s Retries) RequeueMessage(ctx context.Context, id string) error {
	return s.updateMessage(ctx, id, "SET phase = :again REMOVE retryAt", " AND phase = :waiting",
		item{":again": str(string(connect.PhaseAgain)), ":waiting": str(string(connect.PhaseWaiting))})
}

// maxSplit keeps a transaction within DynamoDB's 100 writes.
const maxSplit = 99

// SplitMessage makes of m one message to each of users, each with an id that follows from m's and theirs, and marks m
// in the transaction of the last of them. A message that is there already stays as it is, so that a repeated
// call, also one that was cut off between two transactions, sends nobody a second one.
func (s Outbox) SplitMessage(ctx context.Context, m connect.Message, users []connect.UserID, now time.Time) error {
	users = slices.Clone(users)
	slices.SortFunc(users, func(a, b connect.UserID) int { return strings.Compare(string(a), string(b)) })
	for {
		part := users[:min(len(users), maxSplit)]
		users = users[len(part):]
		var writes []types.TransactWriteItem
		for _, u := range part {
			one := m
			one.ID, one.User, one.Phase, one.RetryAt = m.ID+"."+string(u), u, "", time.Time{}
			writes = append(writes, s.messageEnsure(one, now))
		}
		if len(users) == 0 {
			done := item{":split": str(string(connect.PhaseSplit))}
			writes = append(
				writes, update(s.outbox, m.ID, "", "SET phase = :split REMOVE retryAt", "attribute_exists(pk)", done),
			)
		}
		if err := s.transact(ctx, writes...); err != nil {
			return outcome(err, nil) // refused: m has expired, and with it what it had to say
		}
		if len(users) == 0 {
			return nil
		}
	}
}

// messageEnsure writes m where there is none of its id.
func (s *client) messageEnsure(m connect.Message, now time.Time) types.TransactWriteItem {
	u := &types.Update{
		TableName: s.outbox, Key: key(m.ID, ""),
		ExpressionAttributeNames: map[string]string{}, ExpressionAttributeValues: item{},
	}
	expression := ""
	for name, v := range outboxItem(m, now) {
		if name == "pk" {
			continue
		}
		if expression != "" {
			expression += ", "
		}
		expression += "#" + name + " = if_not_exists(#" + name + ", :" + name + ")"
		u.ExpressionAttributeNames["#"+name], u.ExpressionAttributeValues[":"+name] = name, v
	}
	u.UpdateExpression = aws.String("SET " + expression)
	return types.TransactWriteItem{Update: u}
}

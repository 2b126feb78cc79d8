package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// unconfirmed is the value of "pending" in complaints that nobody has confirmed and no digest has listed.
const unconfirmed = "unconfirmed"

func complaintOf(i item) *connect.Complaint {
	c := &connect.Complaint{
		ID: connect.ComplaintID(text(i, "pk")), Name: text(i, "name"), Email: connect.Email(text(i, "email")),
		Message: text(i, "message"), CreatedAt: moment(i, "createdAt"), ConfirmedAt: moment(i, "confirmedAt"),
		Result: connect.ComplaintResult(text(i, "result")), Answer: text(i, "answer"), AnsweredAt: moment(i, "answeredAt"),
		History: complaintHistory(i), Version: int(integer(i, "version")),
	}
	if end := integer(i, "expiresAt"); end != 0 {
		c.ExpiresAt = time.Unix(end, 0).UTC()
	}
	return c
}

// AddComplaint stores a complaint, which has no end before it is answered; it waits to be confirmed, or listed by the
// next digest. acknowledge asks for a mail to whoever wrote. sender is a keyed digest of their box: within
// connect.AcknowledgeLife of an acknowledgement the same box gets no other, so that the form cannot be used to flood
// somebody.
func (s Complaints) AddComplaint(
	ctx context.Context, c *connect.Complaint, sender string, acknowledge bool, now time.Time,
) error {
	i := item{
		"pk": str(string(c.ID)), "email": str(string(c.Email)), "message": str(c.Message),
		"createdAt": when(c.CreatedAt), "pending": str(unconfirmed),
	}
	if c.Name != "" {
		i["name"] = str(c.Name)
	}
	// Before the complaint and not with it: all of a day's complaints would meet in one item's transaction.
	if err := ComplaintDigests(s).QueueComplaintDigest(ctx, now); err != nil {
		return err
	}
	stored := put(s.complaints, i, absent)
	if !acknowledge {
		return s.transact(ctx, stored)
	}
	mark, err := s.get(ctx, s.marks, acknowledgedKey(sender), "", true)
	if err != nil {
		return err
	}
	if !unexpired(mark, now) {
		mark := item{"pk": str(acknowledgedKey(sender)), "expiresAt": epoch(now.Add(connect.AcknowledgeLife))}
		claim := put(s.marks, mark, absent+" OR expiresAt <= :now")
		claim.Put.ExpressionAttributeValues = item{":now": epoch(now)}
		acknowledge := connect.Message{Kind: connect.MailComplaintReceived, Complaint: c.ID}
		err := s.transact(ctx, stored, claim, s.messagePut(acknowledge, now))
		if refusedAt(err) != 1 && !contended(err) {
			return err
		}
	}
	return s.transact(ctx, stored)
}

// QueueComplaintDigest asks for the mail that lists what is unconfirmed, once for each day that has any. It is at least
// an hour away, so that what is stored after this call is there when the digest is written.
func (s ComplaintDigests) QueueComplaintDigest(ctx context.Context, now time.Time) error {
	at := now.UTC().Truncate(24 * time.Hour).Add(connect.DigestHour)
	for at.Before(now.Add(time.Hour)) {
		at = at.Add(24 * time.Hour)
	}
	m := connect.Message{
		ID:   "o_complaints-" + at.Format(time.DateOnly),
		Kind: connect.MailComplaintDigest, Phase: connect.PhaseWaiting, RetryAt: at,
	}
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.outbox, Item: outboxItem(m, now), ConditionExpression: aws.String(absent),
	})
	if refused(err) {
		return nil
	}
	return err
}

// Complaint returns connect.ErrNotFound for one that expired or never was.
func (s ComplaintDigests) Complaint(
	ctx context.Context, id connect.ComplaintID, now time.Time,
) (*connect.Complaint, error) {
	i, err := s.get(ctx, s.complaints, string(id), "", true)
	if err != nil {
		return nil, err
	}
	if !kept(i, now) {
		return nil, connect.ErrNotFound
	}
	return complaintOf(i), nil
}

// ConfirmComplaint notes that whoever reads the address's mail has sent the complaint, and passes it on, once. It
// returns connect.ErrLinkInvalid for one that is gone.
func (s Complaints) ConfirmComplaint(ctx context.Context, id connect.ComplaintID, now time.Time) error {
	c, err := ComplaintDigests(s).Complaint(ctx, id, now)
	if errors.Is(err, connect.ErrNotFound) {
		return connect.ErrLinkInvalid
	}
	if err != nil || !c.ConfirmedAt.IsZero() {
		return err
	}
	err = s.transact(ctx,
		update(s.complaints, string(id), "", "SET confirmedAt = :now REMOVE pending",
			"attribute_exists(pk) AND attribute_not_exists(confirmedAt)", item{":now": when(now)}),
		s.messagePut(connect.Message{Kind: connect.MailComplaint, Complaint: id}, now))
	if refusedAt(err) == 0 {
		return nil // pressed twice
	}
	return outcome(err, connect.ErrLinkInvalid)
}

// UnconfirmedComplaints lists complaints that wait for a digest, the oldest first, and whether there are more.
func (s ComplaintDigests) UnconfirmedComplaints(
	ctx context.Context, most int32,
) (ids []connect.ComplaintID, more bool, err error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: s.complaints, IndexName: aws.String("byPending"), Limit: aws.Int32(most),
		KeyConditionExpression: aws.String("pending = :p"), ExpressionAttributeValues: item{":p": str(unconfirmed)},
	})
	if err != nil {
		return nil, false, err
	}
	for _, i := range out.Items {
		ids = append(ids, connect.ComplaintID(text(i, "pk")))
	}
	return ids, len(out.LastEvaluatedKey) > 0, nil
}

// MarkComplaintsListed notes that a digest has named complaints; they may still be confirmed.
func (s ComplaintDigests) MarkComplaintsListed(ctx context.Context, ids []connect.ComplaintID, now time.Time) error {
	for _, id := range ids {
		_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.complaints, Key: key(string(id), ""),
			UpdateExpression:    aws.String("SET listedAt = :now REMOVE pending"),
			ConditionExpression: aws.String("attribute_exists(pk)"), ExpressionAttributeValues: item{":now": when(now)},
		})
		if _, gone := errors.AsType[*types.ConditionalCheckFailedException](err); err != nil && !gone {
			return err
		}
	}
	return nil
}

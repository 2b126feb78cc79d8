package store

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// OwnComplaint returns a complaint about us, or connect.ErrNotFound.
func (s OwnComplaints) OwnComplaint(
	ctx context.Context, id connect.ComplaintID, now time.Time,
) (*connect.Complaint, error) {
	return ComplaintDigests(s).Complaint(ctx, id, now)
}

// OwnComplaints lists complaints about us, the oldest first: those that wait for an answer, or all that are kept. It
// reads the whole table.
func (s OwnComplaints) OwnComplaints(
	ctx context.Context,
	all bool,
	now time.Time,
) (out []*connect.Complaint, err error) {
	in := &dynamodb.ScanInput{TableName: s.complaints, ConsistentRead: aws.Bool(true)}
	for page, err := range pages(ctx, dynamodb.NewScanPaginator(scanPage(s.db.Scan), in)) {
		if err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			if c := complaintOf(i); kept(i, now) && (all || c.AnsweredAt.IsZero()) {
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b *connect.Complaint) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out, nil
}

// KeepOwnComplaint takes its end away from a complaint that waits for an answer: one that was stored when its time ran
// from its receipt.
func (s OwnComplaints) KeepOwnComplaint(ctx context.Context, c *connect.Complaint) error {
	err := s.transact(ctx, update(s.complaints, string(c.ID), "", "REMOVE expiresAt",
		"attribute_exists(pk) AND attribute_not_exists(answeredAt)", nil))
	return outcome(err, connect.ErrConflict)
}

// ChangeOwnComplaint stores what was done about c, on condition that nobody has changed it since it was read, with the
// messages that come of it. It returns connect.ErrConflict.
func (s OwnComplaints) ChangeOwnComplaint(
	ctx context.Context, c *connect.Complaint, messages []connect.Message, now time.Time,
) error {
	was := c.Version
	c.Version++
	set, condition := "SET #history = :history, version = :next", "attribute_exists(pk) AND attribute_not_exists(version)"
	values := item{":history": complaintEntries(c.History), ":next": num(int64(c.Version))}
	if was > 0 {
		condition, values[":was"] = "version = :was", num(int64(was))
	}
	if c.AnsweredAt.IsZero() {
		set += " REMOVE expiresAt"
	} else {
		set += ", #result = :result, #answer = :answer, answeredAt = :at, expiresAt = :end REMOVE pending"
		values[":result"], values[":answer"] = str(string(c.Result)), str(c.Answer)
		values[":at"], values[":end"] = when(c.AnsweredAt), epoch(c.ExpiresAt)
	}
	writes := append(s.messagePutsOf(c, messages, now), update(s.complaints, string(c.ID), "", set, condition, values))
	return outcome(s.transact(ctx, writes...), connect.ErrConflict)
}

// messagePutsOf ask for messages about c, under ids that follow from what it is then: asked for twice, they are one.
func (s *client) messagePutsOf(
	c *connect.Complaint, messages []connect.Message, now time.Time,
) (writes []types.TransactWriteItem) {
	for n, m := range messages {
		m.ID, m.Complaint = "o_"+string(c.ID)+"-"+strconv.Itoa(c.Version)+"-"+strconv.Itoa(n), c.ID
		writes = append(writes, s.messagePut(m, now))
	}
	return writes
}

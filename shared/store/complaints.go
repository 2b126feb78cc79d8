package store

import (
	"context"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Complain stores a complaint and asks for two mails, all or nothing: to us and, as an acknowledgement, to
// whoever wrote. sender is a keyed digest of their address: within connect.AcknowledgeLife of an
// acknowledgement the same address gets no other, so that the form cannot be used to flood somebody.
func (s *Store) Complain(ctx context.Context, c *connect.Complaint, sender string, now time.Time) error {
	mark, err := s.get(ctx, s.marks, acknowledgedKey(sender), "", true)
	if err != nil {
		return err
	}
	i := item{
		"pk": str(string(c.ID)), "email": str(string(c.Email)), "message": str(c.Message), "createdAt": when(c.CreatedAt),
		"expiresAt": epoch(c.ExpiresAt),
	}
	if c.Name != "" {
		i["name"] = str(c.Name)
	}
	stored, forward := put(s.complaints, i, absent), s.send(Message{Kind: ComplaintForUs, Complaint: c.ID}, now)
	if !live(mark, now) {
		claim := put(s.marks, item{"pk": str(acknowledgedKey(sender)), "expiresAt": epoch(now.Add(connect.AcknowledgeLife))}, absent+" OR expiresAt <= :now")
		claim.Put.ExpressionAttributeValues = item{":now": epoch(now)}
		err := s.transact(ctx, "", stored, forward, claim, s.send(Message{Kind: ComplaintReceived, Complaint: c.ID}, now))
		if refusedAt(err) != 2 && !contended(err) {
			return err
		}
	}
	return s.transact(ctx, "", stored, forward)
}

// Complaint answers connect.ErrNotFound for one that expired or never was.
func (s *Store) Complaint(ctx context.Context, id connect.ComplaintID, now time.Time) (*connect.Complaint, error) {
	i, err := s.get(ctx, s.complaints, string(id), "", true)
	if err != nil {
		return nil, err
	}
	if !live(i, now) {
		return nil, connect.ErrNotFound
	}
	return &connect.Complaint{
		ID: id, Name: text(i, "name"), Email: connect.Email(text(i, "email")), Message: text(i, "message"), CreatedAt: moment(i, "createdAt"),
		ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
	}, nil
}

package api

import (
	"cmp"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// CallbackOf is a request as the person who asks sees it.
func CallbackOf(c *connect.Callback, who connect.UserID, now time.Time) Callback {
	out := Callback{
		ID: c.ID, Site: c.Site, Status: c.Status, Name: c.Name, Phone: c.Phone, PhoneShown: cmp.Or(c.PhoneShown, c.Phone),
		Email: string(c.Email), Department: c.Department, Message: c.Message, Page: c.Page,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, At: OptionalTime(c.At), TryAt: OptionalTime(c.TryAt),
		Promise: PromiseOf(c, now), Outcome: Optional(c.Outcome), Note: c.Note, History: HistoryOf(c),
	}
	if c.Claim.Active(now) {
		out.Claim = &CallbackClaim{Name: c.Claim.Name, Mine: c.Claim.User == who, Until: c.Claim.Until}
	}
	if c.Assigned.User != "" {
		out.Assigned = &CallbackAssignee{User: c.Assigned.User, Name: c.Assigned.Name, Mine: c.Assigned.User == who}
	}
	return out
}

// HistoryOf is what was done with a request, oldest first.
func HistoryOf(c *connect.Callback) []HistoryEntry {
	out := []HistoryEntry{}
	for _, h := range c.History {
		out = append(out, HistoryEntry{At: h.At, Name: h.Name, What: HistoryEntryWhat(h.What), To: Optional(h.To)})
	}
	return out
}

// AccountInboxOf is a page of an inbox.
func AccountInboxOf(
	items []*connect.Callback, next string, reached time.Time, who connect.UserID, now time.Time,
) *AccountInbox {
	out := &AccountInbox{Items: []Callback{}, Next: Optional(next)}
	if next != "" {
		out.Reached = OptionalTime(reached)
	}
	for _, c := range items {
		out.Items = append(out.Items, CallbackOf(c, who, now))
	}
	return out
}

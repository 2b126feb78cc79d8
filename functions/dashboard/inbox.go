package main

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func (h *handlers) inbox(r *http.Request, who connect.Identity, id string, query inboxQuery) (*api.Inbox, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	status := connect.CallbackStatus(query.Status)
	if status != "" && !status.Valid() {
		var p connect.Problems
		p.Add("status", "Must be new, called, missed or cancelled.")
		return nil, p.Err()
	}
	page, next, err := h.store.Callbacks(r.Context(), site.ID, status, query.Cursor, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.Inbox{Items: []api.Callback{}, Next: api.Optional(next)}
	for _, c := range page {
		out.Items = append(out.Items, api.CallbackOf(c, who.User, web.Now(r)))
	}
	return out, nil
}

// accountInbox is a page of the requests to all of an account's sites.
func (h *handlers) accountInbox(
	r *http.Request, who connect.Identity, query accountInboxQuery,
) (*api.AccountInbox, error) {
	q, err := inboxQueryOf(query, who)
	if err != nil {
		return nil, err
	}
	now := web.Now(r)
	sites, err := h.queuedSites(r.Context(), who.Account, now)
	if err != nil {
		return nil, err
	}
	if query.Site != "" {
		n := slices.IndexFunc(sites, func(s *connect.Site) bool { return string(s.ID) == query.Site })
		if n < 0 {
			return nil, connect.ErrNotFound
		}
		q.Site = sites[n]
	}
	page, err := h.store.Queue(r.Context(), q, now)
	if err != nil {
		return nil, err
	}
	return api.AccountInboxOf(page.Items, page.Next, page.Reached, who.User, now), nil
}

// queuedSites returns the account's sites. Where requests to one are from before accounts had one inbox, it puts some
// more of them into it.
func (h *handlers) queuedSites(
	ctx context.Context, account connect.AccountID, now time.Time,
) ([]*connect.Site, error) {
	sites, err := h.store.SitesOf(ctx, account)
	if err != nil {
		return nil, err
	}
	if n := slices.IndexFunc(sites, func(s *connect.Site) bool { return !s.InQueue }); n >= 0 {
		err = h.store.QueueSite(ctx, sites[n], now)
	}
	return sites, err
}

// inboxQueryOf is what a query asks for.
func inboxQueryOf(query accountInboxQuery, who connect.Identity) (store.QueueQuery, error) {
	var p connect.Problems
	q := store.QueueQuery{Account: who.Account, Cursor: query.Cursor}
	switch state := connect.QueueState(query.State); {
	case state == "":
	case state == "handled":
		q.States = connect.HandledStates
	case state == connect.Waiting || slices.Contains(connect.HandledStates, state):
		q.States = []connect.QueueState{state}
	default:
		p.Add("state", "Must be waiting, handled, called, missed or cancelled.")
	}
	person := connect.UserID(query.Person)
	if person == "me" {
		person = who.User
	}
	if person != "" && !connect.ValidID("u_", string(person)) {
		p.Add("person", "Must be the id of a person, or me.")
	}
	from, to := instant(&p, "from", query.From), instant(&p, "to", query.To)
	q.Matches = func(c *connect.Callback) bool {
		return (query.Department == "" || c.Department == query.Department) &&
			(person == "" || c.Assigned.User == person || c.Claim.User == person) &&
			!c.CreatedAt.Before(from) && (to.IsZero() || c.CreatedAt.Before(to))
	}
	return q, p.Err()
}

// instant reads a time; an empty one is zero.
func instant(p *connect.Problems, field, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		p.Add(field, "Enter a time such as 2026-11-23T14:30:00Z.")
	}
	return at
}

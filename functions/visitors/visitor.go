package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/phone"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// visitor reads whom a request is about: one number or one address, in whatever form it is written.
func (h *handlers) visitor(in *api.Visitor) (v store.Visitor, err error) {
	var p connect.Problems
	given, email := api.Value(in.Phone), api.Value(in.Email)
	switch {
	case (given == "") == (email == ""):
		p.Add("phone", "Enter either a phone number or an email address.")
	case given != "":
		number, err := phone.Parse(given)
		if err != nil {
			p.Add("phone", err.Error())
		}
		v = store.Visitor{Via: connect.ViaPhone, Digests: h.links.Digests(store.DigestPhone, number)}
	default:
		v = store.Visitor{
			Via: connect.ViaEmail, Digests: h.links.Digests(store.DigestEmail, string(address.Email(&p, email))),
		}
	}
	return v, p.Err()
}

// site is the request's site, if it is the account's.
func (h *handlers) site(r *http.Request, who connect.Identity, id string) (*connect.Site, error) {
	if !connect.ValidID("s_", id) {
		return nil, connect.ErrNotFound
	}
	return h.store.Site(r.Context(), who.Account, connect.SiteID(id))
}

// pageBytes bounds a page of an export well under the 6 MB that Lambda can answer.
const pageBytes = 2 << 20

// exportVisitor answers a page of all that is kept of a visitor, newest first; nothing is an answer too.
func (h *handlers) exportVisitor(
	r *http.Request, who connect.Identity, id string, in *api.VisitorPage,
) (*api.VisitorExport, error) {
	v, err := h.visitor(&api.Visitor{Phone: in.Phone, Email: in.Email})
	if err != nil {
		return nil, err
	}
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	now, cursor := web.Now(r), api.Value(in.Cursor)
	found, next, err := h.store.VisitorCallbacks(r.Context(), site.ID, v, cursor, now)
	if err != nil {
		return nil, err
	}
	out := &api.VisitorExport{
		Site: site.ID, SiteName: site.Name, ExportedAt: now.UTC().Truncate(time.Second), Items: []api.StoredCallback{},
		Complaints: []api.SiteComplaint{}, Rights: h.rights(site),
	}
	size := 0
	for n, c := range found {
		item := itemOf(c)
		text, err := json.Marshal(item)
		if err != nil {
			return nil, err
		}
		if size += len(text); size > pageBytes && n > 0 {
			next = store.VisitorCursor(cursor, next, found[n-1].ID, now)
			break
		}
		out.Items = append(out.Items, item)
	}
	out.Next = api.Optional(next)
	// The first page tells the log, before anybody has it.
	if cursor == "" {
		complaints, err := h.complaintsOf(r, site.ID, &api.Visitor{Phone: in.Phone, Email: in.Email})
		if err != nil {
			return nil, err
		}
		for _, c := range complaints {
			out.Complaints = append(out.Complaints, api.SiteComplaintOf(c))
		}
		what := connect.DescribeErasure(site.Name, len(out.Items))
		if next != "" {
			what += " and more"
		}
		if err := h.store.Audit(r.Context(), web.AuditEntry(r, who, connect.VisitorExported, what)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func itemOf(c *connect.Callback) api.StoredCallback {
	return api.StoredCallback{
		Outcome: api.Optional(c.Outcome), Note: c.Note, History: api.HistoryOf(c),
		ID: c.ID, Status: c.Status, Name: c.Name, Phone: c.Phone, Email: string(c.Email), Department: c.Department,
		Message: c.Message,
		Page:    c.Page, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ExpiresAt: c.ExpiresAt, At: api.OptionalTime(c.At),
		Slot: api.OptionalTime(c.Slot), Due: api.OptionalTime(c.Due), OutcomeAt: api.OptionalTime(c.OutcomeAt),
		TryAt: api.OptionalTime(c.TryAt), Assigned: api.Optional(c.Assigned.Name),
	}
}

func erasureOf(r *connect.Receipt) api.Erasure {
	return api.Erasure{ID: r.ID, Via: r.Via, Count: r.Count, At: r.At}
}

// eraseVisitor takes away all that is kept of a visitor. Statistics hold no visitor and stay as they are. The receipt
// says when, how many and by which means they were found; not whose. Where there is much, the same call is made
// again until it says that there is no more.
func (h *handlers) eraseVisitor(
	r *http.Request, who connect.Identity, id string, in *api.Visitor,
) (*api.VisitorErasure, error) {
	v, err := h.visitor(in)
	if err != nil {
		return nil, err
	}
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	now := web.Now(r)
	e := web.AuditEntry(r, who, connect.VisitorErased, site.Name)
	done, err := h.store.EraseVisitor(r.Context(), site.ID, v, e, h.book.Erasure(now), now)
	if err != nil {
		return nil, err
	}
	complaints, err := h.complaintsOf(r, site.ID, in)
	if err != nil {
		return nil, err
	}
	out := &api.VisitorErasure{
		Erased: done.Count, More: done.More, ComplaintsKept: len(complaints), Rights: h.rights(site),
	}
	if done.Receipt != nil {
		e := erasureOf(done.Receipt)
		out.Receipt = &e
	}
	return out, nil
}

func (h *handlers) erasures(
	r *http.Request, who connect.Identity, id string, query erasuresQuery,
) (*api.ErasurePage, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	list, next, err := h.store.Erasures(r.Context(), site.ID, query.Cursor, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.ErasurePage{Items: []api.Erasure{}, Next: api.Optional(next)}
	for _, one := range list {
		out.Items = append(out.Items, erasureOf(one))
	}
	return out, nil
}

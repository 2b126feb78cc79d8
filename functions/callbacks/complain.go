package main

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/phone"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// lawZone is whose days count where a site's zone is not known any more.
const lawZone = "Europe/London"

// showOwnComplaint shows what became of a complaint: by its own link, or by that of the request that it is about, which
// may be erased.
func (h *handlers) showOwnComplaint(r *http.Request, link string) (*api.OwnComplaint, error) {
	site, id, err := h.linkIDs(link)
	if err != nil {
		return nil, err
	}
	complaint := connect.ComplaintID(id) // by its own link
	if !connect.ValidID("d_", string(id)) {
		complaint = connect.ComplaintOf(site, id)
	}
	c, err := h.store.SiteComplaint(r.Context(), site, complaint, web.Now(r))
	if err != nil {
		return nil, err
	}
	return h.ownComplaint(c), nil
}

// complainAboutRequest takes a complaint to the business that was asked. It keeps its own copy of whom to answer.
func (h *handlers) complainAboutRequest(
	r *http.Request, link string, in *api.OwnComplaintText,
) (*api.OwnComplaint, error) {
	request, err := h.linked(r, link)
	if err != nil {
		return nil, err
	}
	c := &connect.SiteComplaint{
		ID: connect.ComplaintOf(request.Site, request.ID), Account: request.Account, Site: request.Site,
		SiteName: request.SiteName, Callback: request.ID, Name: request.Name, Phone: request.Phone,
	}
	var p connect.Problems
	complaintText(&p, c, in.Message, api.Value(in.Email))
	if err := p.Err(); err != nil {
		return nil, err
	}
	zone := lawZone
	open, err := h.ownHours(r.Context(), request)
	if err != nil {
		return nil, err
	}
	if open.site != nil {
		c.Account, c.SiteName, zone = open.site.Account, open.site.Name, open.site.TimeZone
	}
	if c.Account == "" { // of a site that was gone before requests knew their account
		return nil, connect.ErrNotFound
	}
	stored, err := h.complain(r, c, zone)
	if err != nil {
		return nil, err
	}
	if !stored.SameAs(c) {
		return nil, &connect.Error{
			Kind: connect.Conflict, Code: "complaint-made",
			Message: "You have already complained about this request. Your complaint is number " + string(stored.ID) + ".",
		}
	}
	return h.ownComplaint(stored), nil
}

// complainToSite takes a complaint from somebody without a link, who says whom to answer.
func (h *handlers) complainToSite(r *http.Request, key string, in *api.SiteComplaintText) (*api.OwnComplaint, error) {
	once := r.Header.Get("Idempotency-Key")
	if len(once) < 8 || len(once) > 255 {
		return nil, errKeyMissing
	}
	site, err := h.site(r, key)
	if err != nil {
		return nil, err
	}
	c := &connect.SiteComplaint{
		ID: connect.ComplaintByKey(site.ID, once), Account: site.Account, Site: site.ID, SiteName: site.Name,
	}
	var p connect.Problems
	complaintText(&p, c, in.Message, api.Value(in.Email))
	if name := strings.TrimSpace(api.Value(in.Name)); name != "" {
		c.Name = p.Line("name", name, 100)
	}
	if number := strings.TrimSpace(api.Value(in.Phone)); number != "" {
		if c.Phone, err = phone.Parse(number); err != nil {
			p.Add("phone", err.Error())
		}
	} else if api.Value(in.Email) == "" {
		p.Add("email", "Give an email address or a phone number, so that you can be answered.")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	stored, err := h.complain(r, c, site.TimeZone)
	if err != nil {
		return nil, err
	}
	if !stored.SameAs(c) {
		return nil, &connect.Error{
			Kind: connect.Mismatch, Code: "idempotency-key-reused",
			Message: "This Idempotency-Key was used for a different complaint.",
		}
	}
	return h.ownComplaint(stored), nil
}

func complaintText(p *connect.Problems, c *connect.SiteComplaint, message, email string) {
	var err error
	if c.Message, err = connect.ParseText(message, connect.ComplaintText); err != nil {
		p.Add("message", err.Error())
	} else if c.Message == "" {
		p.Add("message", "Say what they should look into.")
	}
	if email != "" {
		c.Email = address.Email(p, email)
	}
}

// complain stores a complaint once, within the caller's budgets, and has it acknowledged within those of its address.
// One that is there is returned as it is, and counted for nobody.
func (h *handlers) complain(r *http.Request, c *connect.SiteComplaint, zone string) (*connect.SiteComplaint, error) {
	ctx, now := r.Context(), web.Now(r)
	stored, err := h.store.SiteComplaint(ctx, c.Site, c.ID, now)
	if !errors.Is(err, connect.ErrNotFound) {
		return stored, err
	}
	in, err := time.LoadLocation(zone)
	if err != nil {
		return nil, err
	}
	if err := h.complaintBudgets(r, c); err != nil {
		return nil, err
	}
	c.Receive(now, in)
	if c.Email != "" {
		box := h.links.Digest("throttle", "visitor-mail~"+c.Email.Mailbox())
		err := h.store.Throttle(ctx, connect.VisitorMails, box, now)
		if err == nil {
			c.Acknowledge(now)
		} else if !errors.Is(err, connect.ErrTooMany) {
			return nil, err
		}
	}
	stored, err = h.store.AddSiteComplaint(ctx, c, in, now)
	if err == nil {
		web.Count(r, "SiteComplaints")
	}
	return stored, err
}

func (h *handlers) complaintBudgets(r *http.Request, c *connect.SiteComplaint) error {
	ctx, now, caller := r.Context(), web.Now(r), web.CallerOf(r)
	networks := slices.Clone(caller.Networks)
	for i := range networks {
		networks[i].Text = h.links.Digest("throttle", networks[i].Text)
	}
	err := h.store.ThrottleNetworks(ctx, connect.SiteComplaintsFromPrefix, networks, now)
	if err == nil {
		source := h.links.Digest("throttle", string(c.Site)+"~"+callerOf(caller.Address))
		err = h.store.Throttle(ctx, connect.SiteComplaintsDay, source, now)
	}
	if e, ok := errors.AsType[*connect.Error](err); ok && e.Kind == connect.TooMany {
		said := *e
		said.Code = connect.ErrLimit.Code
		said.Message = "There are several complaints from you already. Try again in " + connect.DescribeWait(e.RetryAfter) +
			", or write to the business itself: a complaint counts however it is made."
		return &said
	}
	return err
}

// ownComplaint is what the complainant may know: not the business's own notes, and nobody's name.
func (h *handlers) ownComplaint(c *connect.SiteComplaint) *api.OwnComplaint {
	out := &api.OwnComplaint{
		ID: c.ID, Site: cmp.Or(c.SiteName, string(c.Site)), State: c.State, CreatedAt: c.CreatedAt,
		Acknowledged: !c.AcknowledgedAt.IsZero(), Result: api.Optional(c.Result), Answer: c.Answer,
		AnsweredAt: api.OptionalTime(c.AnsweredAt), Updates: []api.ComplaintUpdate{},
		Link: h.origin + "/complain?token=" + h.links.Sign(connect.PurposeRequest, string(c.Site)+"~"+string(c.ID)),
	}
	for _, e := range c.History {
		if e.What == connect.ComplaintUpdated {
			out.Updates = append(out.Updates, api.ComplaintUpdate{At: e.At, Text: e.Text})
		}
	}
	return out
}

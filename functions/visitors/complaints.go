package main

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/phone"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// listComplaints is a page of the account's register of complaints, of a removed site too.
func (h *handlers) listComplaints(
	r *http.Request, who connect.Identity, query listComplaintsQuery,
) (*api.ComplaintPage, error) {
	var p connect.Problems
	answered := query.State == string(connect.ComplaintAnswered)
	if !answered && cmp.Or(query.State, string(connect.ComplaintOpen)) != string(connect.ComplaintOpen) {
		p.Add("state", "Must be open or answered.")
	}
	if query.Site != "" && !connect.ValidID("s_", query.Site) {
		p.Add("site", "Must be the id of a site.")
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	site := connect.SiteID(query.Site)
	page, next, err := h.store.SiteComplaints(r.Context(), who.Account, site, answered, query.Cursor, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.ComplaintPage{Items: []api.SiteComplaint{}, Next: api.Optional(next)}
	for _, c := range page {
		out.Items = append(out.Items, api.SiteComplaintOf(c))
	}
	return out, nil
}

// complaint is one of the account's. Its site may be gone: whose it is, it says itself.
func (h *handlers) complaint(r *http.Request, who connect.Identity, site, id string) (*connect.SiteComplaint, error) {
	if !connect.ValidID("s_", site) || !connect.ValidID("d_", id) {
		return nil, connect.ErrNotFound
	}
	c, err := h.store.SiteComplaint(r.Context(), connect.SiteID(site), connect.ComplaintID(id), web.Now(r))
	if err == nil && c.Account != who.Account {
		err = connect.ErrNotFound
	}
	return c, err
}

func (h *handlers) showComplaint(
	r *http.Request, who connect.Identity, site, id string,
) (*api.SiteComplaint, error) {
	c, err := h.complaint(r, who, site, id)
	if err != nil {
		return nil, err
	}
	out := api.SiteComplaintOf(c)
	return &out, nil
}

// handleComplaint does one thing to a complaint, on condition that it is as whoever does it has seen it.
func (h *handlers) handleComplaint(
	r *http.Request, who connect.Identity, site, id string, in *api.ComplaintChange,
) (*api.SiteComplaint, error) {
	c, err := h.complaint(r, who, site, id)
	if err != nil {
		return nil, err
	}
	change, err := changeOf(in)
	if err != nil {
		return nil, err
	}
	if int64(c.Version) != in.Version {
		return nil, changedBy(c)
	}
	messages, err := h.handle(r, c, change, who.Name)
	if err != nil {
		return nil, err
	}
	var entries []connect.AuditEntry
	if change.what == connect.ComplaintClosed {
		entries = append(entries, web.AuditEntry(r, who, connect.ComplaintHandled, c.SiteName+": "+string(c.ID)))
	}
	err = h.store.ChangeSiteComplaint(r.Context(), c, messages, entries, web.Now(r))
	if errors.Is(err, connect.ErrConflict) {
		if now, err := h.complaint(r, who, site, id); err == nil {
			return nil, changedBy(now)
		}
	}
	if err != nil {
		return nil, err
	}
	out := api.SiteComplaintOf(c)
	return &out, nil
}

// change is the one thing that is asked for.
type change struct {
	what   connect.ComplaintStep
	text   string
	result connect.ComplaintResult
}

func changeOf(in *api.ComplaintChange) (c change, err error) {
	var p connect.Problems
	asked := 0
	for field, one := range map[string]struct {
		text *string
		what connect.ComplaintStep
	}{
		"note": {in.Note, connect.ComplaintNoted}, "update": {in.Update, connect.ComplaintUpdated},
		"answer": {in.Answer, connect.ComplaintClosed},
	} {
		if one.text == nil {
			continue
		}
		asked++
		c.what = one.what
		if c.text, err = connect.ParseText(*one.text, connect.ComplaintNoteText); err != nil {
			p.Add(field, err.Error())
		} else if c.text == "" {
			p.Add(field, "Required.")
		}
	}
	if in.State != nil {
		asked++
		if c.what = connect.ComplaintStarted; *in.State != api.ComplaintChangeState(connect.ComplaintInProgress) {
			p.Add("state", "Must be in-progress.")
		}
	}
	if asked != 1 {
		p.Add("note", "Give exactly one of note, update, answer and state.")
	}
	c.result = api.Value(in.Result)
	switch {
	case (c.result != "") != (c.what == connect.ComplaintClosed):
		p.Add("result", "Say with the answer, and only there, what came of it.")
	case c.result != "" && !slices.Contains(connect.ComplaintResults, c.result):
		p.Add("result", "Must be upheld, partly-upheld, not-upheld or withdrawn.")
	}
	return c, p.Err()
}

var errAnswered = &connect.Error{
	Kind: connect.Conflict, Code: "already-answered",
	Message: "This complaint has been answered. Reopen it to continue.",
}

// handle does a change, and returns what the complainant is to be told of it.
func (h *handlers) handle(
	r *http.Request, c *connect.SiteComplaint, do change, by string,
) (messages []connect.Message, err error) {
	now, ok, answered := web.Now(r), true, c.State == connect.ComplaintAnswered
	switch {
	case do.what == connect.ComplaintStarted && answered:
		ok = c.Reopen(by, now)
	case do.what == connect.ComplaintStarted && c.State == connect.ComplaintOpen:
		c.State, ok = connect.ComplaintInProgress, c.Step(do.what, by, "", now)
	case do.what == connect.ComplaintStarted:
		return nil, nil // it is so
	case do.what == connect.ComplaintNoted:
		ok = c.Step(do.what, by, do.text, now)
	case answered:
		return nil, errAnswered
	case do.what == connect.ComplaintUpdated:
		if ok = c.Step(do.what, by, do.text, now); c.State == connect.ComplaintOpen {
			c.State = connect.ComplaintInProgress
		}
		messages = c.Mail(connect.MailSiteComplaintUpdate, strconv.Itoa(len(c.History)-1), now)
	case do.what == connect.ComplaintClosed:
		c.Close(do.result, do.text, by, now)
		messages = c.Mail(connect.MailSiteComplaintAnswer, strconv.Itoa(c.Version+1), now)
	}
	if !ok {
		return nil, &connect.Error{
			Kind: connect.Conflict, Code: "history-full",
			Message: "This complaint's history is full. You can still answer it.",
		}
	}
	if len(messages) > 0 {
		err = h.store.Throttle(r.Context(), connect.ComplaintUpdates, string(c.Account), now)
	}
	return messages, err
}

// changedBy says who was first.
func changedBy(c *connect.SiteComplaint) error {
	said := *connect.ErrConflict
	for n := len(c.History) - 1; n >= 0; n-- {
		if by := c.History[n].By; by != "" {
			said.Message = by + " changed this complaint while you were writing. See what is new before you send yours."
			break
		}
	}
	return &said
}

// complaintsOf are what a visitor has complained of. in was read before: it names one of the two.
func (h *handlers) complaintsOf(
	r *http.Request, site connect.SiteID, in *api.Visitor,
) ([]*connect.SiteComplaint, error) {
	number, _ := phone.Parse(api.Value(in.Phone))
	var p connect.Problems
	var email connect.Email
	if number == "" {
		email = address.Email(&p, api.Value(in.Email))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return h.store.SiteComplaintsOf(r.Context(), site, number, email, web.Now(r))
}

// rights are what a person must be told when their request is answered (section 103 of the Data (Use and Access) Act
// 2025, and articles 12 and 15 of the UK GDPR).
func (h *handlers) rights(site *connect.Site) api.VisitorRights {
	return api.VisitorRights{Complain: h.origin + "/complain?site=" + string(site.Key), Regulator: connect.RegulatorURL}
}

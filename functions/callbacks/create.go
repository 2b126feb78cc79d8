package main

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/phone"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// furthest is how far ahead a call can be asked for.
const furthest = 90 * 24 * time.Hour

var errForeign = &connect.Error{
	Kind: connect.Forbidden, Code: "foreign-origin",
	Message: "This website isn't allowed to use this widget. The site's owner can allow it in the site's settings.",
}

var errPaused = &connect.Error{
	Kind: connect.Forbidden, Code: "paused",
	Message: "Callbacks are unavailable at the moment. Please use the other contact details on this website.",
}

var errKeyMissing = &connect.Error{
	Kind: connect.Invalid, Code: "idempotency-key-missing",
	Message: "The Idempotency-Key header must be 8 to 255 characters long.",
}

// createCallback stores a request once per Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): sent again
// after a lost answer it is answered the same and stored no second time.
func (h *handlers) createCallback(r *http.Request, in *api.CallbackRequest) (*api.CallbackCreated, error) {
	now := web.Now(r)
	c, err := wanted(in, now)
	key := r.Header.Get("Idempotency-Key")
	if len(key) < 8 || len(key) > 255 {
		return nil, errKeyMissing
	}
	if err = h.needed(r, in, err); err != nil {
		return nil, err
	}
	site, err := h.site(r, in.Site)
	if err != nil {
		return nil, err
	}
	if !site.Allows(r.Header.Get("Origin")) {
		return nil, errForeign
	}
	if !site.Has(c.Page) {
		c.Page = connect.PagePath(c.Page) // of no page of the site: nobody is sent there
	}
	plan, runs, err := h.store.WidgetStatus(r.Context(), site, now)
	if err != nil {
		return nil, err
	}
	if !runs {
		return nil, errPaused
	}
	c.Site, c.SiteKey, c.Account, c.SiteName = site.ID, site.Key, site.Account, site.Name
	c.ExpiresAt = now.AddDate(0, 0, plan.RetentionDays(site.RetentionDays))
	c.PhoneDigest = h.links.Digest(store.DigestPhone, c.Phone)
	if c.Email != "" {
		c.EmailDigest = h.links.Digest(store.DigestEmail, string(c.Email))
	}
	h.nameSource(r, c)
	once := h.idempotencyKeys(
		key,
		strings.Join([]string{c.Name, c.Phone, string(c.Email), c.Department, c.Message, api.Value(in.At), c.Page}, "\x00"),
	)
	id, err := h.store.CallbackByKey(r.Context(), site.ID, once, now)
	if err == nil && id == "" {
		err = h.admit(r, site, c, in, once)
	}
	if err == nil && id == "" && !c.Duplicate {
		err = h.tellVisitor(r, c, connect.MailVisitorConfirmed, site.Account)
	}
	if err != nil {
		return nil, err
	}
	id, err = h.store.AddCallback(r.Context(), c, once[0].Key, once[0].Digest, now, once[1:]...)
	if err != nil {
		return nil, h.withSlots(r, site, c.Department, err)
	}
	if id == c.ID { // and not that of a repetition
		web.Count(r, "CallbacksAsked")
		if err := h.store.CountSiteRequest(r.Context(), site.ID, now); err != nil {
			web.Note(r, "notCounted", err.Error())
		}
	}
	if c.Duplicate {
		web.Existing(r)
	}
	// Over the plan's limit nothing is lost: the request is stored, and then the owner is told.
	if err := h.store.QueueOverLimitAlert(r.Context(), site.Account, plan.Limits.Callbacks, now); err != nil {
		web.Note(r, "notTold", err.Error())
	}
	link := h.origin + "/request?token=" + h.links.Sign(connect.PurposeRequest, string(site.ID)+"~"+string(id))
	if id != c.ID {
		if c, err = h.store.Callback(r.Context(), site.ID, id, now); err != nil {
			return nil, err
		}
	}
	return &api.CallbackCreated{
		ID: id, Status: connect.StatusNew, At: api.OptionalTime(c.At), Promise: api.PromiseOf(c, now),
		TimeZone: site.TimeZone, ManageURL: link,
	}, nil
}

// admit returns why a new request is not stored. A second one of somebody's own costs them nothing of their budgets,
// and is found again when it is stored; what strangers sent before is only told of within them.
func (h *handlers) admit(
	r *http.Request, site *connect.Site, c *connect.Callback, in *api.CallbackRequest, once []store.IdempotencyKey,
) error {
	blocked, err := h.store.Blocked(r.Context(), site.ID, h.links.Digests(store.DigestPhone, c.Phone))
	if err != nil {
		return err
	}
	first, duplicate := h.store.Duplicate(r.Context(), c, web.Now(r))
	if first != nil && !blocked {
		c.Duplicate = true
		return nil
	}
	if duplicate != nil {
		// Stored in between under the same key, it is no duplicate.
		id, err := h.store.CallbackByKey(r.Context(), site.ID, once, web.Now(r))
		if id != "" || err != nil || !errors.Is(duplicate, connect.ErrDuplicate) {
			return cmp.Or(err, unlessDuplicate(duplicate))
		}
	}
	err = h.checkPuzzle(r, site, in, once[0].Key)
	if err == nil && duplicate == nil && !blocked {
		err = h.promise(r, site, c)
	}
	if err == nil {
		err = h.budgets(r, c)
	}
	if err == nil && blocked { // within the caller's budgets, as what they try out is
		return connect.ErrNumberRefused
	}
	return cmp.Or(err, duplicate)
}

func unlessDuplicate(err error) error {
	if errors.Is(err, connect.ErrDuplicate) {
		return nil
	}
	return err
}

// idempotencyKeys names a request under every version of the key, the one that writes first.
func (h *handlers) idempotencyKeys(key, asked string) []store.IdempotencyKey {
	keys, digests := h.links.Digests("idempotency-key", key), h.links.Digests("request", asked)
	out := make([]store.IdempotencyKey, min(len(keys), len(digests)))
	for n := range out {
		out[n] = store.IdempotencyKey{Key: keys[n], Digest: digests[n]}
	}
	return out
}

// wanted is what a visitor asks for. It has no field for a visit's session: the two are never joined.
func wanted(in *api.CallbackRequest, now time.Time) (*connect.Callback, error) {
	var p connect.Problems
	c := &connect.Callback{ID: connect.NewCallbackID(now), Status: connect.StatusNew, CreatedAt: now, UpdatedAt: now}
	var err error
	if c.Phone, err = phone.Parse(in.Phone); err != nil {
		p.Add("phone", err.Error())
	}
	c.PhoneShown = phone.Shown(c.Phone)
	// Where a site does not ask for a name, a request is called by its number.
	if c.Name = c.PhoneShown; strings.TrimSpace(api.Value(in.Name)) != "" {
		c.Name = p.Line("name", api.Value(in.Name), 100)
	}
	if email := api.Value(in.Email); email != "" {
		c.Email = address.Email(&p, email)
	}
	if department := api.Value(in.Department); department != "" {
		c.Department = p.Line("department", department, 60)
	}
	if c.Message, err = connect.ParseText(api.Value(in.Message), 2000); err != nil {
		p.Add("message", err.Error())
	}
	if c.At, err = parseAt(api.Value(in.At), now); err != nil {
		p.Add("at", err.Error())
	}
	if c.Page, err = pageOf(in.Page); err != nil {
		p.Add("page", err.Error())
	}
	return c, p.Err()
}

type fieldText string

func (t fieldText) Error() string { return string(t) }

// parseAt reads when a call is wanted: "" and the recent past are now.
func parseAt(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, s)
	switch {
	case err != nil:
		return time.Time{}, fieldText("Enter a time such as 2026-11-23T14:30:00Z.")
	case at.Before(now.Add(-time.Hour)):
		return time.Time{}, fieldText("Choose a time in the future.")
	case at.After(now.Add(furthest)):
		return time.Time{}, fieldText("Choose a time within the next 90 days.")
	}
	return at.UTC().Truncate(time.Second), nil
}

// pageOf keeps the origin and path a visitor was on; they sent it themselves, with a request of their own,
// but query and fragment are nobody's business.
func pageOf(s string) (string, error) {
	bad := fieldText("Must be the page's URL.")
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || s == "" || len(s) > 2048 || u.Opaque != "" || (u.Scheme == "") != (u.Host == "") {
		return "", bad
	}
	path := connect.CleanPage(u.EscapedPath())
	if u.Host == "" {
		return path, nil
	}
	origin, err := connect.ParseOrigin(u.Scheme + "://" + u.Host)
	if err != nil {
		return "", bad
	}
	return string(origin) + path, nil
}

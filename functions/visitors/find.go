package main

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/phone"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// minDigits is how many digits are looked for as part of a number: fewer are in most of them.
const minDigits = 3

// findCallbacks looks for requests by a text. It is a POST: what is looked for is often somebody's name or number,
// which has no place in an address.
func (h *handlers) findCallbacks(
	r *http.Request, who connect.Identity, in *api.CallbackSearch,
) (*api.AccountInbox, error) {
	var p connect.Problems
	text := strings.ToLower(p.Line("text", in.Text, 100))
	if err := p.Err(); err != nil {
		return nil, err
	}
	var site *connect.Site
	var err error
	if id := api.Value(in.Site); id != "" {
		if site, err = h.site(r, who, id); err != nil {
			return nil, err
		}
	}
	now, cursor := web.Now(r), api.Value(in.Cursor)
	if number, ok := wholeNumber(text); ok && cursor == "" {
		found, err := h.byNumber(r, who, site, number)
		if err != nil || len(found) > 0 {
			return api.AccountInboxOf(found, "", time.Time{}, who.User, now), err
		}
	}
	q := store.QueueQuery{Account: who.Account, Site: site, Cursor: cursor, Matches: matcher(text)}
	page, err := h.store.Queue(r.Context(), q, now)
	if err != nil {
		return nil, err
	}
	return api.AccountInboxOf(page.Items, page.Next, page.Reached, who.User, now), nil
}

// digitsOf are the digits of what can only be a number, or part of one, without the noughts before it: "0161 496"
// finds "+44161496…".
func digitsOf(text string) (string, bool) {
	if strings.Trim(text, "0123456789 ()+-.") != "" {
		return "", false
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	return strings.TrimLeft(digits, "0"), true
}

func wholeNumber(text string) (string, bool) {
	if _, ok := digitsOf(text); !ok {
		return "", false
	}
	number, err := phone.Parse(text)
	return number, err == nil
}

// matcher reports whether a request has a text.
func matcher(text string) func(*connect.Callback) bool {
	digits, ok := digitsOf(text)
	return func(c *connect.Callback) bool {
		if ok && len(digits) >= minDigits && strings.Contains(c.Phone, digits) {
			return true
		}
		return slices.ContainsFunc([]string{c.Name, string(c.Email), c.Department, c.Page, c.Message, c.Note},
			func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
	}
}

// byNumber returns the newest requests from a number, of one site or of each of the account's: what has waited in the
// order it is due, then the rest.
func (h *handlers) byNumber(
	r *http.Request, who connect.Identity, only *connect.Site, number string,
) (found []*connect.Callback, err error) {
	sites, err := h.store.SitesToSearch(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	const most = 10 // more of one number are found among the requests of its visitor
	v := store.Visitor{Via: connect.ViaPhone, Digests: h.links.Digests(store.DigestPhone, number)}
	for _, site := range sites {
		if only != nil && site.ID != only.ID || len(found) == most {
			continue
		}
		some, err := h.store.NewestOf(r.Context(), site.ID, v, most-len(found), web.Now(r))
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	slices.SortStableFunc(found, func(a, b *connect.Callback) int {
		if w := a.Queue() == connect.Waiting; w != (b.Queue() == connect.Waiting) {
			if w {
				return -1
			}
			return 1
		}
		if a.Queue() == connect.Waiting {
			return strings.Compare(a.Turn(), b.Turn())
		}
		return strings.Compare(b.Turn(), a.Turn())
	})
	return found, nil
}

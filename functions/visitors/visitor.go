package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/phone"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// asked reads whom a request is about: one number or one address, in whatever form it is written; and of an
// export, which page.
func (h *handlers) asked(r *http.Request) (v store.Visitor, cursor string, err error) {
	var in struct {
		Phone  string `json:"phone"`
		Email  string `json:"email"`
		Cursor string `json:"cursor"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return v, "", err
	}
	var p connect.Problems
	switch {
	case (in.Phone == "") == (in.Email == ""):
		p.Add("phone", "Say a phone number or an e-mail address, one of the two.")
	case in.Phone != "":
		number, err := phone.Parse(in.Phone)
		if err != nil {
			p.Add("phone", err.Error())
		}
		v = store.Visitor{Via: connect.ViaPhone, Digests: h.links.Digests(store.DigestPhone, number)}
	default:
		v = store.Visitor{Via: connect.ViaEmail, Digests: h.links.Digests(store.DigestEmail, string(address.Email(&p, in.Email)))}
	}
	return v, in.Cursor, p.Err()
}

// site is the request's site, if it is the account's.
func (h *handlers) site(r *http.Request, who connect.Identity) (*connect.Site, error) {
	id := r.PathValue("id")
	if !connect.ValidID("s_", id) {
		return nil, connect.ErrNotFound
	}
	return h.store.Site(r.Context(), who.Account, connect.SiteID(id))
}

// itemJSON is everything that is kept of a request.
type itemJSON struct {
	ID         connect.CallbackID `json:"id"`
	Status     connect.Status     `json:"status"`
	Name       string             `json:"name"`
	Phone      string             `json:"phone"`
	Email      connect.Email      `json:"email"`
	Department string             `json:"department"`
	Message    string             `json:"message"`
	At         *time.Time         `json:"at"`
	Page       string             `json:"page"`
	CreatedAt  time.Time          `json:"createdAt"`
	UpdatedAt  time.Time          `json:"updatedAt"`
	ExpiresAt  time.Time          `json:"expiresAt"`
}

// pageBytes bounds a page of an export well under the 6 MB that Lambda can answer.
const pageBytes = 2 << 20

// export answers a page of all that is kept of a visitor, newest first; nothing is an answer too.
func (h *handlers) export(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	v, cursor, err := h.asked(r)
	if err != nil {
		return err
	}
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	now := web.Now(r)
	found, next, err := h.store.VisitorCallbacks(r.Context(), site.ID, v, cursor, now)
	if err != nil {
		return err
	}
	out := struct {
		Site       connect.SiteID    `json:"site"`
		SiteName   string            `json:"siteName"`
		ExportedAt time.Time         `json:"exportedAt"`
		Items      []json.RawMessage `json:"items"`
		Next       *string           `json:"next"`
	}{site.ID, site.Name, now.UTC().Truncate(time.Second), []json.RawMessage{}, nil}
	size := 0
	for n, c := range found {
		text, err := json.Marshal(itemOf(c))
		if err != nil {
			return err
		}
		if size += len(text); size > pageBytes && n > 0 {
			next = store.VisitorCursor(cursor, next, found[n-1].ID, now)
			break
		}
		out.Items = append(out.Items, text)
	}
	if next != "" {
		out.Next = &next
	}
	// The first page tells the log, before anybody has it.
	if cursor == "" {
		what := store.Requests(site.Name, len(out.Items))
		if next != "" {
			what += " and more"
		}
		if err := h.store.Record(r.Context(), h.cdn.Event(r, who, connect.VisitorExported, what)); err != nil {
			return err
		}
	}
	return web.JSON(w, http.StatusOK, out)
}

func itemOf(c *connect.Callback) itemJSON {
	i := itemJSON{
		ID: c.ID, Status: c.Status, Name: c.Name, Phone: c.Phone, Email: c.Email, Department: c.Department, Message: c.Message,
		Page: c.Page, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ExpiresAt: c.ExpiresAt,
	}
	if !c.At.IsZero() {
		i.At = &c.At
	}
	return i
}

type erasureJSON struct {
	ID    connect.ReceiptID `json:"id"`
	Via   connect.Via       `json:"via"`
	Count int               `json:"count"`
	At    time.Time         `json:"at"`
}

func erasureOf(r *connect.Receipt) erasureJSON { return erasureJSON{r.ID, r.Via, r.Count, r.At} }

// erase takes away all that is kept of a visitor. Statistics hold no visitor and stay as they are. The receipt
// says when, how many and by which means they were found; not whose. Where there is much, the same call is made
// again until it says that there is no more.
func (h *handlers) erase(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	v, cursor, err := h.asked(r)
	if err != nil {
		return err
	}
	if cursor != "" {
		return &connect.Error{Kind: connect.Invalid, Code: "invalid", Message: "An erasure goes on by itself.",
			Fields: []connect.FieldError{{Field: "cursor", Message: "Call again without it."}}}
	}
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	now := web.Now(r)
	e := h.cdn.Event(r, who, connect.VisitorErased, site.Name)
	done, err := h.store.EraseVisitor(r.Context(), site.ID, v, e, h.book.Erasure(now), now)
	if err != nil {
		return err
	}
	out := struct {
		Erased  int          `json:"erased"`
		More    bool         `json:"more"`
		Receipt *erasureJSON `json:"receipt"`
	}{done.Count, done.More, nil}
	if done.Receipt != nil {
		e := erasureOf(done.Receipt)
		out.Receipt = &e
	}
	return web.JSON(w, http.StatusOK, out)
}

func (h *handlers) erasures(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	list, next, err := h.store.Erasures(r.Context(), site.ID, r.URL.Query().Get("cursor"), web.Now(r))
	if err != nil {
		return err
	}
	out := struct {
		Items []erasureJSON `json:"items"`
		Next  *string       `json:"next"`
	}{[]erasureJSON{}, nil}
	for _, one := range list {
		out.Items = append(out.Items, erasureOf(one))
	}
	if next != "" {
		out.Next = &next
	}
	return web.JSON(w, http.StatusOK, out)
}

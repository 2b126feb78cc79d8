package main

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/phone"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// asked reads whom a request is about: one number or one address, in whatever form it is written.
func (h *handlers) asked(r *http.Request) (store.Visitor, error) {
	var in struct {
		Phone string `json:"phone"`
		Email string `json:"email"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return store.Visitor{}, err
	}
	var v store.Visitor
	var p connect.Problems
	var err error
	switch {
	case (in.Phone == "") == (in.Email == ""):
		p.Add("phone", "Say a phone number or an e-mail address, one of the two.")
	case in.Phone != "":
		if v.Phone, err = phone.Parse(in.Phone); err != nil {
			p.Add("phone", err.Error())
		}
		v.Digests = h.links.Digests(store.DigestPhone, v.Phone)
	default:
		v.Email = p.Email(in.Email)
		v.Digests = h.links.Digests(store.DigestEmail, string(v.Email))
	}
	return v, p.Err()
}

// site is the request's site, if it is the account's.
func (h *handlers) site(r *http.Request, who connect.Identity) (*connect.Site, error) {
	id := r.PathValue("id")
	if !connect.ValidID("s_", id) {
		return nil, connect.ErrNotFound
	}
	return h.store.Site(r.Context(), who.Account, connect.SiteID(id))
}

func (h *handlers) find(r *http.Request, who connect.Identity) (*connect.Site, store.Visitor, []*connect.Callback, error) {
	v, err := h.asked(r)
	if err != nil {
		return nil, v, nil, err
	}
	site, err := h.site(r, who)
	if err != nil {
		return nil, v, nil, err
	}
	found, err := h.store.VisitorCallbacks(r.Context(), site.ID, v, web.Now(r))
	slices.SortFunc(found, func(a, b *connect.Callback) int { return strings.Compare(string(b.ID), string(a.ID)) })
	return site, v, found, err
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

// export answers all that is kept of a visitor, newest first; nothing is an answer too.
func (h *handlers) export(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	site, _, found, err := h.find(r, who)
	if err != nil {
		return err
	}
	out := struct {
		Site       connect.SiteID `json:"site"`
		SiteName   string         `json:"siteName"`
		ExportedAt time.Time      `json:"exportedAt"`
		Items      []itemJSON     `json:"items"`
	}{site.ID, site.Name, web.Now(r).UTC().Truncate(time.Second), []itemJSON{}}
	for _, c := range found {
		i := itemJSON{
			ID: c.ID, Status: c.Status, Name: c.Name, Phone: c.Phone, Email: c.Email, Department: c.Department, Message: c.Message,
			Page: c.Page, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, ExpiresAt: c.ExpiresAt,
		}
		if !c.At.IsZero() {
			i.At = &c.At
		}
		out.Items = append(out.Items, i)
	}
	return web.JSON(w, http.StatusOK, out)
}

type erasureJSON struct {
	ID    connect.ReceiptID `json:"id"`
	Via   connect.Via       `json:"via"`
	Count int               `json:"count"`
	At    time.Time         `json:"at"`
}

func erasureOut(list []*connect.Receipt) []erasureJSON {
	out := make([]erasureJSON, len(list))
	for i, r := range list {
		out[i] = erasureJSON{r.ID, r.Via, r.Count, r.At}
	}
	return out
}

// erase takes away all that is kept of a visitor, in one step. Statistics hold no visitor and stay as
// they are. The receipt says when, how many and by which means they were found; not whose.
func (h *handlers) erase(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	site, v, found, err := h.find(r, who)
	if err != nil {
		return err
	}
	ids := make([]connect.CallbackID, len(found))
	for i, c := range found {
		ids[i] = c.ID
	}
	receipts, err := h.store.EraseCallbacks(r.Context(), site.ID, ids, func(count int) *connect.Receipt {
		return h.book.Sign(&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: site.ID, Via: v.Via(), Count: count}, web.Now(r))
	})
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, struct {
		Erased   int           `json:"erased"`
		Receipts []erasureJSON `json:"receipts"`
	}{len(found), erasureOut(receipts)})
}

func (h *handlers) erasures(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	list, err := h.store.SiteReceipts(r.Context(), site.ID, connect.Erasure, web.Now(r))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, struct {
		Items []erasureJSON `json:"items"`
	}{erasureOut(list)})
}

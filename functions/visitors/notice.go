package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type publicationJSON struct {
	Version string    `json:"version"`
	At      time.Time `json:"at"`
}

type noticeJSON struct {
	Version   string            `json:"version"`
	Notices   []policy.Notice   `json:"notices"`
	Published []publicationJSON `json:"published"` // newest first
	Current   bool              `json:"current"`   // whether the version in force was published
}

// notice is what the business should say on its own website, and whether it has said to have done so.
func (h *handlers) notice(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	return h.answerNotice(w, r, site, http.StatusOK)
}

func (h *handlers) answerNotice(w http.ResponseWriter, r *http.Request, site *connect.Site, status int) error {
	list, err := h.store.Publications(r.Context(), site.ID, web.Now(r))
	if err != nil {
		return err
	}
	out := noticeJSON{Version: policy.Current.NoticeVersion(), Notices: policy.Current.Notices(), Published: []publicationJSON{}}
	for _, p := range list {
		out.Published = append(out.Published, publicationJSON{p.Revision, p.At})
		out.Current = out.Current || p.Revision == out.Version
	}
	return web.JSON(w, status, out)
}

// published keeps that the notice in force is on the website, with its version and date, once.
func (h *handlers) published(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	var in struct {
		Version string `json:"version"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	if in.Version != policy.Current.NoticeVersion() {
		return &connect.Error{Kind: connect.Conflict, Code: "notice-changed", Message: "The notice has changed in the meantime. Load it again and publish the new one."}
	}
	site, err := h.site(r, who)
	if err != nil {
		return err
	}
	done := h.book.Sign(&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Publication, Site: site.ID, Revision: in.Version}, web.Now(r))
	if err := h.store.AddReceipt(r.Context(), done); err != nil {
		return err
	}
	return h.answerNotice(w, r, site, http.StatusOK)
}

package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// privacyNotice is what the business should say on its own website, and whether it has said to have done so.
func (h *handlers) notice(r *http.Request, who connect.Identity, id string) (*api.SiteNotice, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	return h.siteNotice(r, site)
}

func (h *handlers) siteNotice(r *http.Request, site *connect.Site) (*api.SiteNotice, error) {
	list, err := h.store.Publications(r.Context(), site.ID, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := &api.SiteNotice{
		Version: policy.Current.PrivacyNoticeVersion(), Notices: []api.CustomerNotice{}, Published: []api.Publication{},
	}
	for _, n := range policy.Current.PrivacyNotices() {
		out.Notices = append(out.Notices, api.CustomerNotice{Language: n.Language, Text: n.Text, HTML: n.HTML})
	}
	for _, p := range list {
		out.Published = append(out.Published, api.Publication{Version: p.Revision, At: p.At})
		out.Current = out.Current || p.Revision == out.Version
	}
	return out, nil
}

// noticePublished keeps that the notice in force is on the website, with its version and date, once.
func (h *handlers) noticePublished(
	r *http.Request, who connect.Identity, id string, in *api.NoticePublication,
) (*api.SiteNotice, error) {
	if in.Version != policy.Current.PrivacyNoticeVersion() {
		return nil, &connect.Error{
			Kind: connect.Conflict, Code: "notice-changed",
			Message: "The privacy notice has changed in the meantime. Reload it and publish the new version.",
		}
	}
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	done := h.book.Sign(
		&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Publication, Site: site.ID, Revision: in.Version},
		web.Now(r),
	)
	if err := h.store.AddReceipt(r.Context(), done); err != nil {
		return nil, err
	}
	return h.siteNotice(r, site)
}

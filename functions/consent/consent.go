package main

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func receiptOut(r *connect.Receipt) *api.Receipt {
	return &api.Receipt{
		ID: r.ID, Revision: r.Revision, Text: r.Text, Choice: r.Choice, Page: api.Optional(r.Page), At: r.At,
	}
}

var widgetVersion = regexp.MustCompile(`^widget/[0-9A-Za-z._-]{1,40}$`)

// giveConsent keeps an answer to the cookie notice. What was shown is told by the revision alone: its text is ours, so
// its hash is looked up and not believed.
func (h *handlers) giveConsent(r *http.Request, in *api.ConsentAnswer) (*api.Receipt, error) {
	var p connect.Problems
	shown, known := policy.Current.Published(in.Revision)
	if !known {
		p.Add("revision", "Unknown revision of the policy.")
	}
	if in.Choice != connect.Accepted && in.Choice != connect.Declined {
		p.Add("choice", "Must be accepted or declined.")
	}
	page := api.Value(in.Page)
	if page != "" && !widgetVersion.MatchString(page) {
		page = connect.CleanPage(page)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	networks := slices.Clone(web.CallerOf(r).Networks)
	for i := range networks {
		networks[i].Text = h.links.Digest("throttle", networks[i].Text)
	}
	if err := h.store.ThrottleNetworks(r.Context(), connect.ConsentsFromPrefix, networks, web.Now(r)); err != nil {
		return nil, err
	}
	given := h.book.Sign(&connect.Receipt{
		ID: connect.NewReceiptID(), Kind: connect.Consent, Revision: shown.Revision, Text: shown.Text, Choice: in.Choice,
		Page: page,
	}, web.Now(r))
	if err := h.store.AddReceipt(r.Context(), given); err != nil {
		return nil, err
	}
	return receiptOut(given), nil
}

// find returns a receipt by its id, which is the permission: only the browser that answered was told it.
func (h *handlers) find(r *http.Request, id string) (given, withdrawn *connect.Receipt, err error) {
	if !connect.ValidID("r_", id) {
		return nil, nil, connect.ErrNotFound
	}
	return h.store.Consent(r.Context(), connect.ReceiptID(id), web.Now(r))
}

func (h *handlers) showConsent(r *http.Request, id string) (*api.Receipt, error) {
	given, withdrawn, err := h.find(r, id)
	if err != nil {
		return nil, err
	}
	out := receiptOut(given)
	if withdrawn != nil {
		out.WithdrawnAt = &withdrawn.At
	}
	return out, nil
}

// withdrawConsent adds that the answer was taken back. Nothing is removed: both are proof. Repeating it is no error.
func (h *handlers) withdrawConsent(r *http.Request, id string) error {
	given, withdrawn, err := h.find(r, id)
	if err != nil {
		return err
	}
	if withdrawn == nil {
		taken := h.book.Sign(&connect.Receipt{ID: given.ID, Kind: connect.Withdrawal, Revision: given.Revision}, web.Now(r))
		if err := h.store.AddReceipt(r.Context(), taken); err != nil {
			return err
		}
	}
	return nil
}

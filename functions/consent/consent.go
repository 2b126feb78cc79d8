package main

import (
	"net/http"
	"regexp"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type receiptJSON struct {
	ID          connect.ReceiptID `json:"id"`
	Revision    string            `json:"revision"`
	Text        string            `json:"text"`
	Choice      connect.Choice    `json:"choice"`
	Page        string            `json:"page,omitempty"`
	At          time.Time         `json:"at"`
	WithdrawnAt *time.Time        `json:"withdrawnAt,omitempty"`
}

func receiptOut(r *connect.Receipt) receiptJSON {
	return receiptJSON{ID: r.ID, Revision: r.Revision, Text: r.Text, Choice: r.Choice, Page: r.Page, At: r.At}
}

var widgetVersion = regexp.MustCompile(`^widget/[0-9A-Za-z._-]{1,40}$`)

// give keeps an answer to the notice. What was shown is told by the revision alone: its text is ours, so
// its hash is looked up and not believed.
func (h *handlers) give(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Revision string         `json:"revision"`
		Choice   connect.Choice `json:"choice"`
		Page     string         `json:"page"`
	}
	if err := web.Decode(r, &in, 2<<10); err != nil {
		return err
	}
	var p connect.Problems
	shown, known := policy.Current.Published(in.Revision)
	if !known {
		p.Add("revision", "This is no revision of the policy that was published.")
	}
	if in.Choice != connect.Accepted && in.Choice != connect.Declined {
		p.Add("choice", "This must be accepted or declined.")
	}
	page := in.Page
	if page != "" && !widgetVersion.MatchString(page) {
		page = connect.CleanPage(page)
	}
	if err := p.Err(); err != nil {
		return err
	}
	networks := h.cdn.Prefixes(r)
	for i := range networks {
		networks[i].Text = h.links.Digest("throttle", networks[i].Text)
	}
	if err := h.store.TakeFrom(r.Context(), connect.ConsentsFromPrefix, networks, web.Now(r)); err != nil {
		return err
	}
	given := h.book.Sign(&connect.Receipt{
		ID: connect.NewReceiptID(), Kind: connect.Consent, Revision: shown.Revision, Text: shown.Text, Choice: in.Choice, Page: page,
	}, web.Now(r))
	if err := h.store.AddReceipt(r.Context(), given); err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, receiptOut(given))
}

func (h *handlers) find(r *http.Request) (given, withdrawn *connect.Receipt, err error) {
	id := r.PathValue("id")
	if !connect.ValidID("r_", id) {
		return nil, nil, connect.ErrNotFound
	}
	return h.store.Consent(r.Context(), connect.ReceiptID(id), web.Now(r))
}

func (h *handlers) show(w http.ResponseWriter, r *http.Request) error {
	given, withdrawn, err := h.find(r)
	if err != nil {
		return err
	}
	out := receiptOut(given)
	if withdrawn != nil {
		out.WithdrawnAt = &withdrawn.At
	}
	return web.JSON(w, http.StatusOK, out)
}

// withdraw adds that the answer was taken back. Nothing is removed: both are proof. Repeating it is no error.
func (h *handlers) withdraw(w http.ResponseWriter, r *http.Request) error {
	given, withdrawn, err := h.find(r)
	if err != nil {
		return err
	}
	if withdrawn == nil {
		taken := h.book.Sign(&connect.Receipt{ID: given.ID, Kind: connect.Withdrawal, Revision: given.Revision}, web.Now(r))
		if err := h.store.AddReceipt(r.Context(), taken); err != nil {
			return err
		}
	}
	return web.NoContent(w)
}

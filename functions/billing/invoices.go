package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type invoiceJSON struct {
	Number string        `json:"number"`
	Status string        `json:"status"`
	Total  connect.Pence `json:"total"`
	Tax    connect.Pence `json:"tax"`
	At     time.Time     `json:"at"`
	Page   string        `json:"page"`
	PDF    string        `json:"pdf"`
}

func invoiceOf(i billing.Invoice) invoiceJSON {
	return invoiceJSON{i.Number, i.Status, i.Total, i.Tax, i.CreatedAt, i.Page, i.PDF}
}

// invoices asks Stripe: bills are kept there and nowhere else.
func (h *handlers) invoices(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	out := struct {
		Next  *invoiceJSON  `json:"next"`
		Items []invoiceJSON `json:"items"`
	}{Items: []invoiceJSON{}}
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return err
	}
	if sub.Customer == "" {
		return web.JSON(w, http.StatusOK, out)
	}
	list, err := h.client(r).Invoices(r.Context(), sub.Customer)
	if err != nil {
		return err
	}
	for _, i := range list {
		out.Items = append(out.Items, invoiceOf(i))
	}
	if sub.Paying.Live() {
		next, err := h.client(r).Upcoming(r.Context(), sub)
		if err != nil {
			return h.keeper.Outdated(r.Context(), sub, err, web.Now(r))
		}
		if next != nil {
			n := invoiceOf(*next)
			out.Next = &n
		}
	}
	return web.JSON(w, http.StatusOK, out)
}

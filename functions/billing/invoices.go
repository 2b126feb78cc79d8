package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func invoiceOf(i billing.Invoice) api.Invoice {
	return api.Invoice{
		Number: i.Number, Status: api.InvoiceStatus(i.Status), Total: i.Total, Tax: i.Tax, At: i.CreatedAt, Page: i.Page,
		Pdf: i.PDF,
	}
}

// invoices asks Stripe: bills are kept there and nowhere else.
func (h *handlers) invoices(r *http.Request, who connect.Identity) (*api.InvoiceList, error) {
	out := &api.InvoiceList{Items: []api.Invoice{}}
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	if sub.Customer == "" {
		return out, nil
	}
	list, err := h.client(r).Invoices(r.Context(), sub.Customer)
	if err != nil {
		return nil, err
	}
	for _, i := range list {
		out.Items = append(out.Items, invoiceOf(i))
	}
	if sub.Status.Billable() {
		next, err := h.client(r).Upcoming(r.Context(), sub)
		if err != nil {
			return nil, h.cashier.Outdated(r.Context(), sub, err, web.Now(r))
		}
		if next != nil {
			n := invoiceOf(*next)
			out.Next = &n
		}
	}
	return out, nil
}

package billing

import (
	"context"
	"errors"
	"time"

	"github.com/stripe/stripe-go/v76"
	portal "github.com/stripe/stripe-go/v76/billingportal/session"
	"github.com/stripe/stripe-go/v76/invoice"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Portal returns the address of Stripe's own page for an account's cards, invoices and details; with card
// set, of the part that takes a new card.
func (c *Client) Portal(ctx context.Context, sub *connect.Subscription, card bool, returnTo string) (string, error) {
	params := &stripe.BillingPortalSessionParams{
		Customer: stripe.String(string(sub.Customer)), ReturnURL: stripe.String(returnTo),
	}
	if card {
		params.FlowData = &stripe.BillingPortalSessionFlowDataParams{
			Type: stripe.String("payment_method_update"),
			AfterCompletion: &stripe.BillingPortalSessionFlowDataAfterCompletionParams{
				Type:     stripe.String("redirect"),
				Redirect: &stripe.BillingPortalSessionFlowDataAfterCompletionRedirectParams{ReturnURL: stripe.String(returnTo)},
			},
		}
	}
	params.Context = ctx
	got, err := portal.Client{B: c.backend, Key: c.key}.New(params)
	if err != nil {
		return "", failed(err)
	}
	return got.URL, nil
}

// Invoice is one bill. Its papers are at Stripe.
type Invoice struct {
	ID        string
	Number    string
	Status    string // draft, open, paid, uncollectible, void
	Total     connect.Pence
	Tax       connect.Pence
	CreatedAt time.Time
	Page      string // where it can be seen and paid
	PDF       string
}

func invoiceOf(i *stripe.Invoice) Invoice {
	return Invoice{
		ID: i.ID, Number: i.Number, Status: string(i.Status), Total: connect.Pence(i.Total), Tax: connect.Pence(i.Tax),
		CreatedAt: at(i.Created),
		Page:      i.HostedInvoiceURL, PDF: i.InvoicePDF,
	}
}

// Invoices lists the latest bills that were made out, newest first.
func (c *Client) Invoices(ctx context.Context, id connect.CustomerID) ([]Invoice, error) {
	params := &stripe.InvoiceListParams{Customer: stripe.String(string(id))}
	params.Context, params.Limit, params.Single = ctx, stripe.Int64(24), true
	list := invoice.Client{B: c.backend, Key: c.key}.List(params)
	var out []Invoice
	for list.Next() {
		if i := list.Invoice(); i.Status != stripe.InvoiceStatusDraft {
			out = append(out, invoiceOf(i))
		}
	}
	if err := list.Err(); err != nil && !missing(err) {
		return nil, failed(err)
	}
	return out, nil
}

// OpenInvoice returns the bill that waits to be paid.
func (c *Client) OpenInvoice(ctx context.Context, id string) (Invoice, error) {
	params := &stripe.InvoiceParams{}
	params.Context = ctx
	got, err := invoice.Client{B: c.backend, Key: c.key}.Get(id, params)
	if err != nil {
		return Invoice{}, failed(err)
	}
	return invoiceOf(got), nil
}

// Upcoming is the next bill of a subscription, nil when there is none to come.
func (c *Client) Upcoming(ctx context.Context, sub *connect.Subscription) (*Invoice, error) {
	params := &stripe.InvoiceUpcomingParams{
		Customer: stripe.String(string(sub.Customer)), Subscription: stripe.String(sub.ID),
	}
	params.Context = ctx
	got, err := invoice.Client{B: c.backend, Key: c.key}.Upcoming(params)
	if missing(err) {
		return nil, nil
	}
	if e, ok := errors.AsType[*stripe.Error](err); ok && e.Code == "invoice_upcoming_none" {
		return nil, nil
	}
	if err != nil {
		return nil, failed(err)
	}
	i := invoiceOf(got)
	if got.NextPaymentAttempt != 0 {
		i.CreatedAt = at(got.NextPaymentAttempt)
	}
	return &i, nil
}

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Each notice is a mail to the owner with the one button that leads to what fixes it, and none is sent any
// more for a state that was left.
func TestBillingNotices(t *testing.T) {
	f := start(t)
	pat := f.Person("pat@example.com")
	for _, i := range f.Items("OUTBOX_TABLE") {
		if err := f.Store.MarkMessageSent(t.Context(), i["pk"].(string), f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	now := f.Clock.Now()
	say := func(b connect.Billing) {
		t.Helper()
		s, err := f.Store.Subscription(t.Context(), pat.Account)
		if err != nil {
			t.Fatal(err)
		}
		b.ID, b.Plan = "sub_1", "starter"
		s.Billing = b
		if err := f.Store.SaveSubscription(t.Context(), s, s.DueAlert(now), now); err != nil {
			t.Fatal(err)
		}
	}
	failed := connect.Billing{Status: connect.PastDue, Invoice: "in_1", InvoiceOpen: true, DueSince: now}
	bank := failed
	bank.RequiresAction, bank.Invoice = true, "in_2"
	for _, c := range []struct {
		name    string
		b       connect.Billing
		subject string
	}{
		{"trial", connect.Billing{Status: connect.Trialing, TrialEnd: now.Add(48 * time.Hour)}, "trial ends on"},
		{"failed", failed, "payment for Mi Connect failed"},
		{"failed, told again", failed, ""},
		{"bank", bank, "bank needs you"},
		{"paid", connect.Billing{Status: connect.Active}, ""},
		{"ended", connect.Billing{Status: connect.Canceled, EndedAt: now}, "has ended"},
	} {
		f.post.mails = nil
		say(c.b)
		if again := f.stream(); again != "" {
			t.Fatal(c.name, again)
		}
		switch {
		case c.subject == "" && len(f.post.mails) == 0:
		case c.subject == "" || len(f.post.mails) != 1:
			t.Errorf("%s: %d mails", c.name, len(f.post.mails))
		default:
			m := f.post.mails[0]
			if m.To != "pat@example.com" || !strings.Contains(m.Subject, c.subject) ||
				strings.Count(m.Text, "http") != 1 ||
				!strings.Contains(m.Text, "/app/billing") {
				t.Errorf("%s: %+v", c.name, m)
			}
		}
	}
	// The mail of a failed payment waits until after the payment.
	f.post.mails = nil
	late := failed
	late.Invoice = "in_3"
	say(late)
	say(connect.Billing{Status: connect.Active})
	if again := f.stream(); again != "" || len(f.post.mails) != 0 {
		t.Errorf("mailed for a state that was left: %v", f.post.mails)
	}
	request := &connect.Callback{
		ID:        connect.NewCallbackID(now),
		Site:      "s_over0000",
		Account:   pat.Account,
		Name:      "Vera",
		Status:    connect.StatusNew,
		CreatedAt: now,
		UpdatedAt: now,
		ExpiresAt: now.Add(time.Hour),
	}
	if _, err := f.Store.AddCallback(t.Context(), request, "key", "digest", now); err != nil {
		t.Fatal(err)
	}
	if err := f.Store.QueueOverLimitAlert(t.Context(), pat.Account, 0, now); err != nil {
		t.Fatal(err)
	}
	if again := f.stream(); again != "" || len(f.post.mails) != 1 ||
		!strings.Contains(f.post.mails[0].Text, "none is lost") {
		t.Errorf("over the limit: %s %v", again, f.post.mails)
	}
}

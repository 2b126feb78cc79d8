package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// An address that no mail service takes is refused where it is typed, with a reason, and leaves nothing behind.
func TestAnAddressThatCannotBeMailedIsRefused(t *testing.T) {
	f := start(t)
	for _, email := range []string{
		"zoë@shop.example", "pat@a..example", "pat@-shop.example", "pat@shop.123", ".pat@shop.example",
		"pat@" + strings.Repeat("a", 64) + ".example", `"pat"@shop.example`,
	} {
		for _, path := range []string{"/v1/register", "/v1/password/forgot"} {
			body := f.signUp(email)
			if path != "/v1/register" {
				body = fields{"email": email}
			}
			a := f.post(path, body)
			if a.Status != 400 || a.Fields() != "email" {
				t.Errorf("%s %s: %d %s", path, email, a.Status, a.Body)
			}
			if strings.HasPrefix(email, "zoë") && !strings.Contains(a.Body, "before the @") {
				t.Errorf("no reason: %s", a.Body)
			}
		}
	}
	if n := f.Count("OUTBOX_TABLE") + f.Count("SESSIONS_TABLE"); n != 0 {
		t.Errorf("%d items were written", n)
	}
	// An internationalised domain is one that mail can be sent to.
	f.Private("email address", "pat@xn--exmple-cua.example")
	if a := f.post("/v1/register", f.signUp("Pat@exämple.example")); a.Status != 202 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if dump := f.Dump(); !strings.Contains(dump, "pat@xn--exmple-cua.example") || strings.Contains(dump, "exämple") {
		t.Error("the domain is not kept as mail needs it")
	}
}

// Sixty addresses of one box are one box.
func TestPlusAddressesShareABudget(t *testing.T) {
	f := start(t)
	for n := range 60 {
		email := fmt.Sprintf("v.ictim+%d@gmail.com", n)
		if n%2 == 1 {
			email = fmt.Sprintf("vict.im+%d@googlemail.com", n)
		}
		if a := f.post("/v1/register", f.signUp(email)); a.Status != 202 {
			t.Fatalf("%d: %d %s", n, a.Status, a.Body)
		}
	}
	mails := 0
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["kind"] != "nothing" {
			mails++
		}
	}
	if mails == 0 || mails > 10 {
		t.Errorf("60 sign-ups put %d mails in one box", mails)
	}
}

// What is kept of an address does not grow with how often a stranger signs it up, and the link to resend is that of
// the last sign-up that was mailed.
func TestSignUpsOfOneAddressAreBounded(t *testing.T) {
	f := start(t)
	mailed := func() (ids []string) {
		for _, i := range f.Items("OUTBOX_TABLE") {
			if i["kind"] != "nothing" {
				ids = append(ids, i["registration"].(string))
			}
		}
		return ids
	}
	var items []int
	for range 3 {
		for range 20 {
			if a := f.post("/v1/register", f.signUp("victim@example.com")); a.Status != 202 {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
		}
		items = append(items, f.Count("SESSIONS_TABLE"))
	}
	if n := len(mailed()); n == 0 || items[0] != n+3 || items[1] != items[0] || items[2] != items[0] {
		t.Errorf("%d mails; items after 20, 40 and 60 sign-ups: %v", n, items)
	}
	before := mailed()
	if a := f.post("/v1/register/resend", fields{"email": "victim@example.com"}); a.Status != 202 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	after := mailed()
	if len(after) != len(before)+1 {
		t.Fatalf("%d mails before, %d after asking for the link again", len(before), len(after))
	}
	for _, id := range after {
		if a := f.post("/v1/verify/open", fields{"token": f.Links.Sign(connect.PurposeVerify, id)}); a.Status != 200 {
			t.Errorf("a mailed link: %d %s", a.Status, a.Body)
		}
	}
}

package main

import (
	"fmt"
	"strings"
	"testing"
)

// An address that no mail service takes is refused where it is typed, with a reason, and leaves nothing behind.
func TestAnAddressThatCannotBeMailedIsRefused(t *testing.T) {
	f := start(t)
	for _, email := range []string{"zoë@shop.example", "pat@a..example", "pat@-shop.example", "pat@shop.123", ".pat@shop.example", "pat@" + strings.Repeat("a", 64) + ".example", `"pat"@shop.example`} {
		for _, path := range []string{"/v1/register", "/v1/password/forgot"} {
			body := f.signUp(email)
			if path != "/v1/register" {
				body = map[string]any{"email": email}
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
	f.Private("e-mail address", "pat@xn--exmple-cua.example")
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

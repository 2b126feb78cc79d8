package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// A company's name is copied to its people, invitations, agencies and clients, and all of them follow.
func TestAnAccountIsRenamedEverywhere(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	a := f.as(f.pat, "POST", "/v1/clients", map[string]any{"name": "Client Ltd", "payer": "agency"})
	client := connect.AccountID(a.Text("id"))
	f.Member(f.eve, f.pat.Account, connect.Admin)
	f.as(f.pat, "POST", "/v1/invitations", map[string]any{"email": "x@example.com", "role": "viewer"})
	f.as(f.pat, "POST", "/v1/clients/invitations", map[string]any{"email": "y@example.com", "payer": "client"})
	before := f.Items("ACCOUNTS_TABLE")
	old, err := f.Store.Account(t.Context(), f.pat.Account)
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) (n int) {
		for _, i := range f.Items("ACCOUNTS_TABLE") {
			for _, v := range i {
				if v == name {
					n++
				}
			}
		}
		return n
	}
	// The account, its client on both sides, an owner in both places, and two invitations; the test's member has none.
	if n := named(old.Name); n != 7 {
		t.Fatal(n)
	}
	if a := f.as(f.pat, "PATCH", "/v1/account", map[string]any{"name": " New Name "}); a.Status != 204 {
		t.Fatal(a.Status, a.Body)
	}
	if left, now := named(old.Name), named("New Name"); left != 0 || now != 9 {
		t.Errorf("%d copies follow, %d are left", now, left)
	}
	if n := len(f.Items("ACCOUNTS_TABLE")); n != len(before) {
		t.Errorf("%d items, before it %d", n, len(before))
	}
	// The client's own name, by the agency's hand, is the client's everywhere.
	if a := f.in(f.pat, client, "PATCH", "/v1/account", map[string]any{"name": "Client plc"}); a.Status != 403 {
		t.Error("an agency acts as an admin in a client's account, who may not:", a.Status, a.Body)
	}
	f.Member(f.eve, client, connect.Owner)
	if a := f.in(f.eve, client, "PATCH", "/v1/account", map[string]any{"name": "Client plc"}); a.Status != 204 {
		t.Error(a.Status, a.Body)
	}
	if list := f.as(f.pat, "GET", "/v1/clients", nil); !strings.Contains(list.Body, "Client plc") {
		t.Error(list.Body)
	}
	if log := f.as(f.pat, "GET", "/v1/audit", nil); !strings.Contains(log.Body, old.Name+" is now New Name") {
		t.Error(log.Body)
	}
	for _, body := range []map[string]any{{"name": ""}, {"name": "a\nb"}, {}, {"name": strings.Repeat("x", 101)}} {
		if a := f.as(f.pat, "PATCH", "/v1/account", body); a.Status != 400 {
			t.Errorf("%v: %d %s", body, a.Status, a.Body)
		}
	}
}

// Cut off after the account itself, a renaming is finished by its repetition.
func TestARenamingThatWasCutOff(t *testing.T) {
	f := start(t)
	f.Member(f.eve, f.pat.Account, connect.Admin)
	for _, answered := range []bool{false, true} {
		for at := 1; ; at++ {
			wire := &apitest.Dying{At: at, Answered: answered}
			name := fmt.Sprint("Name ", at, answered)
			rename := func(through http.RoundTripper) error {
				account, err := f.Store.Account(t.Context(), f.pat.Account)
				if err != nil {
					t.Fatal(err)
				}
				e := connect.AuditEntry{Account: account.ID, At: f.Clock.Now(), Action: connect.AccountChanged}
				db := store.OpenThrough(func(k string) string { return f.Env[k] }, through)
				return store.AccountNames(db).RenameAccount(t.Context(), account, name, e)
			}
			first := rename(wire)
			if err := rename(nil); err != nil || (first == nil) == wire.Died() && !answered {
				t.Fatal(at, first, err)
			}
			members, err := f.Store.Members(t.Context(), f.pat.Account)
			for _, m := range members {
				if m.AccountName != name || err != nil {
					t.Errorf("cut off at call %d: %s, %v", at, m.AccountName, err)
				}
			}
			if !wire.Died() {
				break
			}
		}
	}
}

// Of more sites than the plan that is left allows, the oldest runs, or the one that somebody chose.
func TestWhichSitePauses(t *testing.T) {
	f := start(t)
	var sites []*connect.Site
	for n := range 3 {
		sites = append(sites, f.Site(f.pat.Account, fmt.Sprint("Site ", n), "Europe/London", "https://shop.example"))
		f.Clock.Forward(time.Minute)
	}
	paused := func() (out [3]string) {
		var list struct{ Sites []struct{ ID, Paused string } }
		f.as(f.pat, "GET", "/v1/sites", nil).Into(t, &list)
		for n, site := range sites {
			for _, s := range list.Sites {
				if s.ID == string(site.ID) {
					out[n] = s.Paused
				}
			}
			one := f.as(f.pat, "GET", "/v1/sites/"+string(site.ID), nil)
			site, err := f.Store.SiteByKey(t.Context(), site.Key)
			if err != nil {
				t.Fatal(err)
			}
			_, runs, err := f.Store.WidgetStatus(t.Context(), site, f.Clock.Now())
			if err != nil || one.Text("paused") != out[n] || runs != (out[n] == "") {
				t.Errorf("site %d: list %q, alone %q, runs %t, %v", n, out[n], one.Text("paused"), runs, err)
			}
		}
		return out
	}
	choose := func(n int) {
		if a := f.as(f.pat, "POST", "/v1/sites/"+string(sites[n].ID)+"/choose", nil); a.Status != 200 {
			t.Error(a.Status, a.Body)
		}
	}
	expect := func(what string, want [3]string) {
		t.Helper()
		if got := paused(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	now := f.Clock.Now()
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	expect("a plan for three", [3]string{})
	choose(2) // changes nothing: it runs
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Canceled, Plan: "starter", EndedAt: now})
	expect("ended", [3]string{"", "plan", "plan"})
	choose(2)
	expect("the youngest is chosen", [3]string{"plan", "plan", ""})
	f.Clock.Forward(time.Minute)
	choose(1)
	expect("then another", [3]string{"plan", "", "plan"})
	f.Subscribe(f.pat.Account, connect.Billing{
		Status: connect.PastDue, Plan: "starter", DueSince: f.Clock.Now().Add(-connect.PausedAfter),
	})
	expect("a debt", [3]string{"payment", "payment", "payment"})
	if a := f.as(f.pat, "POST", "/v1/sites/"+string(sites[0].ID)+"/choose", nil); a.Status != 402 {
		t.Error("who owes chooses nothing:", a.Status)
	}
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	expect("paid", [3]string{})
}

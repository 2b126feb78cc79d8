package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

func (f *fixture) in(p apitest.Person, account connect.AccountID, method, path string, body any) apitest.Answer {
	f.T.Helper()
	return f.Do(apitest.Request{
		Method: method, Path: path, Body: body, Bearer: p.Token.Text,
		Header: map[string]string{"mi-account": string(account)},
	})
}

func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	f := start(t)
	admin := f.Person("admin@example.com")
	f.Member(admin, f.pat.Account, connect.Admin)
	a := f.pat.Account
	for _, c := range []struct {
		who    apitest.Person
		method string
		path   string
		body   any
		want   int
		code   string
	}{
		{admin, "PATCH", "/v1/members/" + string(admin.Token.User), map[string]any{"role": "owner"}, 403, "forbidden"},
		{admin, "PATCH", "/v1/members/" + string(f.pat.Token.User), map[string]any{"role": "viewer"}, 403, "forbidden"},
		{admin, "DELETE", "/v1/members/" + string(f.pat.Token.User), nil, 403, "forbidden"},
		{admin, "POST", "/v1/invitations", map[string]any{"email": "x@example.com", "role": "owner"}, 403, "forbidden"},
		{f.pat, "PATCH", "/v1/members/" + string(f.pat.Token.User), map[string]any{"role": "admin"}, 409, "last-owner"},
		{f.pat, "DELETE", "/v1/members/" + string(f.pat.Token.User), nil, 409, "last-owner"},
		{f.pat, "PATCH", "/v1/members/" + string(admin.Token.User), map[string]any{"role": "emperor"}, 400, "invalid"},
		{f.pat, "PATCH", "/v1/members/" + string(f.eve.Token.User), map[string]any{"role": "viewer"}, 404, "not-found"},
		{f.pat, "PATCH", "/v1/account", map[string]any{"requireSecondFactor": true}, 400, "invalid"},
		{f.pat, "PATCH", "/v1/members/" + string(admin.Token.User), map[string]any{"role": "owner"}, 204, ""},
		{admin, "DELETE", "/v1/members/" + string(f.pat.Token.User), nil, 204, ""},
	} {
		if got := f.in(c.who, a, c.method, c.path, c.body); got.Status != c.want || got.Code() != c.code {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.Status, got.Body)
		}
	}
	if got := f.in(f.pat, a, "GET", "/v1/members", nil); got.Status != 403 {
		t.Errorf("a removed member's next request: %d", got.Status)
	}
	if got := f.as(f.pat, "GET", "/v1/me", nil); got.Status != 200 || got.JSON()["account"] != nil {
		t.Errorf("a person in no account: %d %s", got.Status, got.Body)
	}
}

func TestAnInvitationLooksTheSameForEveryAddress(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	known := f.as(f.pat, "POST", "/v1/invitations", map[string]any{"email": f.eve.Email, "role": "viewer"})
	unknown := f.as(f.pat, "POST", "/v1/invitations", map[string]any{"email": "nobody@example.com", "role": "viewer"})
	if known.Status != 201 || unknown.Status != 201 || len(known.JSON()) != len(unknown.JSON()) ||
		len(known.Header) != len(unknown.Header) {
		t.Errorf("%v\n%v", known, unknown)
	}
	path := "/v1/invitations/" + known.Text("id")
	if a := f.as(f.eve, "DELETE", path, nil); a.Status != 404 {
		t.Errorf("another account withdraws it: %d", a.Status)
	}
	if a := f.as(f.pat, "DELETE", path, nil); a.Status != 204 {
		t.Error(a)
	}
	if _, err := f.Store.Invitation(
		t.Context(), f.pat.Account, known.Text("id"), f.Clock.Now(),
	); !errors.Is(err, connect.ErrLinkInvalid) {
		t.Errorf("a withdrawn invitation: %v", err)
	}
	f.Clock.Forward(connect.InvitationLife)
	if _, err := f.Store.Invitation(
		t.Context(), f.pat.Account, unknown.Text("id"), f.Clock.Now(),
	); !errors.Is(err, connect.ErrLinkInvalid) {
		t.Errorf("an expired invitation: %v", err)
	}
}

func TestInvitingTellsNoTiming(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	emails := [2]string{f.eve.Email, "nobody@example.com"}
	var path string
	n := 0
	apitest.Timing(t, "invite", func(which int) {
		a := f.as(f.pat, "POST", "/v1/invitations", map[string]any{"email": emails[which], "role": "viewer"})
		if a.Status != 201 {
			t.Fatal(a)
		}
		path = "/v1/invitations/" + a.Text("id")
	}, func() {
		if a := f.as(f.pat, "DELETE", path, nil); a.Status != 204 {
			t.Fatal(a)
		}
		if n++; n%40 == 0 { // the day's budget is full again
			f.Pass(&f.pat, 25*time.Hour)
		}
	})
}

func TestAgenciesAndTheirClients(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	one := f.as(f.pat, "POST", "/v1/clients", map[string]any{"name": "One", "payer": "agency"})
	two := f.as(f.pat, "POST", "/v1/clients", map[string]any{"name": "Two", "payer": "client"})
	if one.Status != 201 || two.Status != 201 {
		t.Fatal(one, two)
	}
	first, second := connect.AccountID(one.Text("id")), connect.AccountID(two.Text("id"))
	site := f.in(f.pat, first, "POST", "/v1/sites", map[string]any{
		"name": "S", "origins": []string{"https://one.example"},
	})
	if site.Status != 201 {
		t.Fatal(site)
	}
	if a := f.in(f.pat, second, "GET", "/v1/sites/"+site.Text("id"), nil); a.Status != 404 {
		t.Errorf("one client's site in another's account: %d", a.Status)
	}
	if a := f.in(f.pat, second, "GET", "/v1/sites", nil); strings.Contains(a.Body, "one.example") {
		t.Error(a.Body)
	}
	for _, account := range []connect.AccountID{first, second} {
		if a := f.in(f.eve, account, "GET", "/v1/sites", nil); a.Status != 403 {
			t.Errorf("a stranger: %d", a.Status)
		}
		if a := f.in(f.pat, account, "PATCH", "/v1/account", map[string]any{"requireSecondFactor": false}); a.Status != 403 {
			t.Errorf("what only the client's owner may: %d", a.Status)
		}
		if a := f.in(f.pat, account, "POST", "/v1/clients", map[string]any{
			"name": "Three", "payer": "agency",
		}); a.Status != 403 {
			t.Errorf("a client's client: %d", a.Status)
		}
	}
	me := f.in(f.pat, first, "GET", "/v1/me", nil)
	if !strings.Contains(me.Body, `"role":"admin"`) || !strings.Contains(me.Body, `"agency":"Example pat@example.com"`) {
		t.Error(me.Body)
	}
	// Its first owner may be invited by the agency, and then only by owners.
	if a := f.in(f.pat, first, "POST", "/v1/invitations", map[string]any{
		"email": f.eve.Email, "role": "owner",
	}); a.Status != 201 {
		t.Error(a)
	}
	f.Member(f.eve, first, connect.Owner)
	if a := f.in(f.pat, first, "POST", "/v1/invitations", map[string]any{
		"email": "x@example.com", "role": "owner",
	}); a.Status != 403 {
		t.Errorf("a second owner by the agency: %d", a.Status)
	}
	if a := f.in(f.eve, first, "GET", "/v1/agencies", nil); !strings.Contains(a.Body, `"payer":"agency"`) {
		t.Errorf("who pays: %s", a.Body)
	}
	// The client ends it: the agency is out with its next request.
	if a := f.in(f.eve, first, "DELETE", "/v1/agencies/"+string(f.pat.Account), nil); a.Status != 204 {
		t.Error(a)
	}
	if a := f.in(f.pat, first, "GET", "/v1/sites", nil); a.Status != 403 {
		t.Errorf("after the client ended it: %d", a.Status)
	}
	// An account that nobody is in is not left behind.
	if a := f.as(f.pat, "DELETE", "/v1/clients/"+string(second), nil); a.Status != 200 || a.Text("closingAt") == "" {
		t.Error(a)
	}
	if account, err := f.Store.Account(t.Context(), second); err != nil || account.ClosingAt.IsZero() {
		t.Errorf("%+v, %v", account, err)
	}
}

func TestARequiredFactor(t *testing.T) {
	f := start(t)
	f.Member(f.eve, f.pat.Account, connect.Admin)
	if err := f.Store.RequireFactor(
		t.Context(), f.pat.Account, true, connect.AuditEntry{Account: f.pat.Account, At: f.Clock.Now()},
	); err != nil {
		t.Fatal(err)
	}
	if a := f.in(f.eve, f.pat.Account, "GET", "/v1/sites", nil); a.Status != 403 || a.Code() != "second-factor-required" {
		t.Errorf("without one: %d %s", a.Status, a.Body)
	}
	if a := f.in(f.eve, f.pat.Account, "GET", "/v1/me", nil); a.Status != 200 || a.JSON()["lacksSecondFactor"] != true {
		t.Errorf("who is told: %d %s", a.Status, a.Body)
	}
	if a := f.in(f.eve, f.eve.Account, "GET", "/v1/sites", nil); a.Status != 200 {
		t.Errorf("in an account that asks for none: %d", a.Status)
	}
	if err := f.Store.SaveFactors(
		t.Context(), f.eve.Token.User, &connect.Factors{TOTP: "sealed"}, nil, false, nil, f.Clock.Now(),
	); err != nil {
		t.Fatal(err)
	}
	if a := f.in(f.eve, f.pat.Account, "GET", "/v1/sites", nil); a.Status != 200 {
		t.Errorf("with one: %d %s", a.Status, a.Body)
	}
}

func TestTheLog(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	f.Clock.Forward(time.Second)
	f.as(f.pat, "POST", "/v1/sites", map[string]any{"name": "Shop", "origins": []string{"https://shop.example"}})
	f.Clock.Forward(time.Second)
	f.as(f.pat, "POST", "/v1/invitations", map[string]any{"email": "x@example.com", "role": "viewer"})
	var out struct {
		Items []api.AuditEntry
		Next  *string
	}
	f.as(f.pat, "GET", "/v1/audit", nil).Into(t, &out)
	if len(out.Items) != 3 || out.Items[0].Action != string(connect.MemberInvited) ||
		out.Items[1].Action != string(connect.SiteAdded) || out.Items[1].Target != "Shop" ||
		out.Items[1].Name != "Pat Example" || out.Items[1].Place != "198.51.x.x" ||
		out.Items[1].Device != "Firefox on Linux" {
		t.Errorf("%+v", out.Items)
	}
	f.as(f.pat, "GET", "/v1/audit?action=site.", nil).Into(t, &out)
	if len(out.Items) != 1 {
		t.Errorf("%+v", out.Items)
	}
	if a := f.as(f.eve, "GET", "/v1/audit", nil); strings.Contains(a.Body, "Shop") {
		t.Error("another account's log")
	}
	for _, bad := range []string{"action=nothing", "actor=x", "from=yesterday", "cursor=%00"} {
		if a := f.as(f.pat, "GET", "/v1/audit?"+bad, nil); a.Status != 400 {
			t.Errorf("%s: %d", bad, a.Status)
		}
	}
	// Pages follow each other without a gap or a repetition.
	for range 250 {
		if err := f.Store.Audit(
			t.Context(), connect.AuditEntry{Account: f.pat.Account, At: f.Clock.Now(), Action: connect.SiteChanged},
		); err != nil {
			t.Fatal(err)
		}
	}
	seen, path := map[string]bool{}, "/v1/audit"
	for range 10 {
		f.as(f.pat, "GET", path, nil).Into(t, &out)
		for _, e := range out.Items {
			if seen[e.ID] {
				t.Fatalf("%s twice", e.ID)
			}
			seen[e.ID] = true
		}
		if out.Next == nil {
			break
		}
		path = "/v1/audit?cursor=" + strings.NewReplacer("#", "%23", ":", "%3A").Replace(*out.Next)
		out.Next = nil
	}
	if len(seen) != 253 {
		t.Errorf("%d of 253 entries", len(seen))
	}
	// What was written under a plan is kept as long as that plan keeps it.
	left := func() (n int) {
		list, _, err := f.Store.AuditLog(t.Context(), f.pat.Account, store.AuditFilter{Limit: 100}, f.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	f.Clock.Forward(connect.AuditLife(connect.Free.ID))
	if n := left(); n != 2 {
		t.Errorf("past the free plan's time: %d", n)
	}
	f.Clock.Forward(connect.AuditLife("agency"))
	if n := left(); n != 0 {
		t.Errorf("past the agency plan's time: %d", n)
	}
}

func TestTheExportHoldsAllAndNothingOfOthers(t *testing.T) {
	f := start(t)
	mine := f.Site(f.pat.Account, "Mine", "Europe/London", "https://mine.example")
	f.Site(f.eve.Account, "Hers", "Europe/London", "https://hers.example")
	parts, path, all := map[string]int{}, "/v1/export", ""
	for n := 0; path != ""; n++ {
		a := f.as(f.pat, "GET", path, nil)
		if a.Status != 200 || n > 50 {
			t.Fatal(n, a.Status, a.Body)
		}
		parts[a.Text("part")]++
		all += a.Body
		path = ""
		if next := a.Text("next"); next != "" {
			path = "/v1/export?cursor=" + strings.NewReplacer("#", "%23", ":", "%3A").Replace(next)
		}
	}
	for _, part := range []string{"person", "account", "callbacks", "statistics", "audit"} {
		if parts[part] == 0 {
			t.Errorf("no %s: %v", part, parts)
		}
	}
	if !strings.Contains(all, string(mine.ID)) || strings.Contains(all, "hers") || strings.Contains(all, f.eve.Email) {
		t.Error(all)
	}
	viewer := f.Person("viewer@example.com")
	f.Member(viewer, f.pat.Account, connect.Viewer)
	if a := f.in(viewer, f.pat.Account, "GET", "/v1/export?cursor=account", nil); a.Status != 403 {
		t.Errorf("a viewer reads the account: %d", a.Status)
	}
	if a := f.in(viewer, f.pat.Account, "GET", "/v1/export", nil); a.Status != 200 || a.JSON()["next"] != nil {
		t.Errorf("a viewer reads their own: %d %s", a.Status, a.Body)
	}
}

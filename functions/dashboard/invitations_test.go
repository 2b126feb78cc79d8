package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// sixty makes a call sixty times at once and counts what it returned.
func (f *fixture) sixty(call func(n int) apitest.Answer) map[string]int {
	f.T.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	got, begin := map[string]int{}, make(chan struct{})
	for n := range 60 {
		all.Go(func() {
			<-begin
			a := call(n)
			mu.Lock()
			defer mu.Unlock()
			got[strings.TrimSpace(fmt.Sprint(a.Status, " ", a.Code()))]++
		})
	}
	close(begin)
	all.Wait()
	return got
}

// Of sixty at once no more pass than the plan has room for: the members, the clients and the sites that are
// there and those that were asked share one count.
func TestSixtyAtOncePassNoLimit(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	f.Subscribe(f.eve.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	for _, c := range []struct {
		what string
		room int
		who  apitest.Person
		path string
		body func(n int) map[string]any
	}{
		{"invitations", 2, f.pat, "/v1/invitations", func(n int) map[string]any {
			return map[string]any{"email": fmt.Sprintf("guest%d@example.com", n), "role": "agent"}
		}},
		{"sites", 3, f.pat, "/v1/sites", func(int) map[string]any { return shop(nil) }},
		{"clients and their invitations", 10, f.eve, "", func(n int) map[string]any {
			if n%2 == 0 {
				return map[string]any{"name": fmt.Sprint("Client ", n), "payer": "agency"}
			}
			return map[string]any{"email": fmt.Sprintf("owner%d@example.com", n), "payer": "client"}
		}},
	} {
		passed := 0
		for range 5 { // who was told that it is busy tries again
			got := f.sixty(func(n int) apitest.Answer {
				path := c.path
				if path == "" {
					path = []string{"/v1/clients", "/v1/clients/invitations"}[n%2]
				}
				return f.as(c.who, "POST", path, c.body(n))
			})
			passed += got["201"]
			for said := range got {
				if said != "201" && said != "402 plan-limit" && said != "503 busy" && said != "429 too-many" {
					t.Errorf("%s: %v", c.what, got)
				}
			}
			if got["503 busy"] == 0 && got["429 too-many"] == 0 {
				break
			}
		}
		if passed != c.room {
			t.Errorf("%s: %d of 60 at once passed a limit of %d", c.what, passed, c.room)
		}
	}
	// What the plan refused has used up none of the day's budget of mails.
	if used := f.Throttled(connect.Invitations, string(f.pat.Account)); used != 2 {
		t.Errorf("%d of the day's invitations were counted", used)
	}
}

// Whoever is removed or demoted takes the invitations with them that they could not send now, and the places
// that those kept.
func TestInvitationsGoWithWhoSentThem(t *testing.T) {
	f := start(t)
	f.Subscribe(f.pat.Account, connect.Billing{Status: connect.Active, Plan: "business"})
	admin, owner := f.Person("admin@example.com"), f.Person("owner@example.com")
	f.Member(admin, f.pat.Account, connect.Admin)
	f.Member(owner, f.pat.Account, connect.Owner)
	a := f.pat.Account
	invite := func(who apitest.Person, email, role string) {
		t.Helper()
		if got := f.in(who, a, "POST", "/v1/invitations", map[string]any{"email": email, "role": role}); got.Status != 201 {
			t.Fatal(got)
		}
	}
	invite(admin, "one@example.com", "admin")
	invite(owner, "two@example.com", "owner")
	invite(owner, "three@example.com", "admin")
	invite(f.pat, "four@example.com", "viewer")
	left := func() (out []string) {
		var list struct{ Invitations []struct{ Email, By string } }
		f.in(f.pat, a, "GET", "/v1/invitations", nil).Into(t, &list)
		for _, one := range list.Invitations {
			if one.By == "" {
				t.Errorf("%s: nobody is named who invited", one.Email)
			}
			out = append(out, strings.TrimSuffix(one.Email, "@example.com"))
		}
		return out
	}
	if got := left(); len(got) != 4 {
		t.Fatal(got)
	}
	if got := f.in(
		f.pat, a, "PATCH", "/v1/members/"+string(owner.Token.User), map[string]any{"role": "admin"},
	); got.Status != 204 {
		t.Fatal(got)
	}
	if got := strings.Join(left(), " "); strings.Contains(got, "two") || !strings.Contains(got, "three") {
		t.Errorf("after the owner became an admin: %s", got)
	}
	if got := f.in(f.pat, a, "DELETE", "/v1/members/"+string(admin.Token.User), nil); got.Status != 204 {
		t.Fatal(got)
	}
	if got := strings.Join(left(), " "); strings.Contains(got, "one") {
		t.Errorf("after the admin was removed: %s", got)
	}
	for _, i := range f.Items("ACCOUNTS_TABLE") {
		if e, _ := i["email"].(string); e == "one@example.com" || e == "two@example.com" {
			t.Errorf("the address of an invitation that ended is still there: %v", i)
		}
	}
}

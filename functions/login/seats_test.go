package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// roomyForClients is a plan of which more clients are paid for.
var roomyForClients = connect.Entitlement{Limits: connect.Limits{Clients: connect.MaxClients}}

// Of many who accept at once no more come in than the plan has room for; who is refused may come when it has.
func TestSeats(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p, now := f.Person("pat@example.com"), f.Clock.Now()
	f.Subscribe(p.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	var invites, asks [12]map[string]any
	var people [12]caller
	for n := range people {
		guest := f.Person(fmt.Sprintf("guest%d@example.com", n))
		people[n] = caller{bearer: guest.Token.Text, header: map[string]string{"Mi-Account": string(guest.Account)}}
		v := connect.Invitation{
			ID: connect.NewInvitationID(), Account: p.Account, AccountName: "Example", Email: connect.Email(guest.Email),
			Grant: connect.Grant{Role: connect.Agent}, By: "Pat", Inviter: p.Token.User,
			CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		}
		c := connect.Invitation{
			ID: connect.NewInvitationID(), Account: p.Account, AccountName: "Example", Email: v.Email,
			Grant: connect.Grant{Payer: connect.ClientPays}, By: "Pat", Inviter: p.Token.User,
			CreatedAt: now, ExpiresAt: v.ExpiresAt,
		}
		e := connect.AuditEntry{Account: p.Account, At: now}
		err := f.Store.Invite(t.Context(), v, apitest.Roomy, e)
		if err = errors.Join(err, f.Store.Invite(t.Context(), c, roomyForClients, e)); err != nil {
			t.Fatal(err)
		}
		invites[n] = fields{"token": f.Links.Sign(connect.PurposeInvite, string(p.Account)+"-"+v.ID)}
		asks[n] = fields{"token": f.Links.Sign(connect.PurposeInvite, string(p.Account)+"-"+c.ID)}
	}
	everybody := func(path string, body [12]map[string]any) {
		for range 8 { // who was told that it is busy tries again
			tries := parallel(len(people), func(n int) string { return b.post(people[n], path, body[n]).code() })
			for code := range tries {
				switch code {
				case "", "no-room", "busy", "link-invalid": // the last: theirs was used
				default:
					t.Errorf("%s: %v", path, tries)
				}
			}
			if tries["busy"] == 0 {
				return
			}
		}
	}
	const accept, become = "/v1/invitations/accept", "/v1/clients/invitations/accept"
	for _, step := range []struct {
		plan             connect.Billing
		members, clients int
	}{
		{connect.Billing{Status: connect.Active, Plan: "starter"}, 3, 0},
		{connect.Billing{Status: connect.PastDue, Plan: "business", DueSince: now.Add(-8 * 24 * time.Hour)}, 3, 0},
		{connect.Billing{Status: connect.Active, Plan: "business"}, 10, 0},
		{connect.Billing{Status: connect.Active, Plan: "agency"}, 13, 10},
		{connect.Billing{Status: connect.Active, Plan: "agency", Quantity: 11}, 13, 11},
	} {
		f.Subscribe(p.Account, step.plan)
		everybody(accept, invites)
		everybody(become, asks)
		members, err := f.Store.Members(t.Context(), p.Account)
		clients, err2 := f.Store.Clients(t.Context(), p.Account)
		if err := errors.Join(err, err2); err != nil || len(members) != step.members || len(clients) != step.clients {
			t.Errorf("%s: %d members and %d clients, want %d and %d; %v",
				step.plan.Plan, len(members), len(clients), step.members, step.clients, err)
		}
	}
}

func TestOnceOfAHundred(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.Subscribe(p.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	ctx, now := t.Context(), f.Clock.Now()
	only := func(what, good string, tries map[string]int) {
		t.Helper()
		won := 0
		for answer, n := range tries {
			if strings.HasPrefix(answer, good) {
				won += n
			} else if strings.HasPrefix(answer, "5") && !strings.HasPrefix(answer, "503") {
				t.Errorf("%s: %v", what, tries)
			}
		}
		if won != 1 {
			t.Errorf("%s: %v", what, tries)
		}
		fmt.Printf("security: 100 at once, %s: %d succeeded\n", what, won)
	}

	b.post(caller{}, "/v1/register", f.signUp("new@example.com"))
	verify := f.link()
	only("one registration confirmed", "200", parallel(100, func(int) string {
		return said(b.post(caller{}, "/v1/verify", fields{"token": verify, "password": "correct horse battery"}))
	}))

	// A hundred sign-ups of one address, each with a link of its own.
	var links []string
	for range 100 {
		reg := connect.Registration{
			ID: fmt.Sprintf("reg%d", len(links)), Email: "many@example.com", Name: "M", Company: "M",
			ExpiresAt: now.Add(time.Hour),
		}
		if err := f.Store.Register(ctx, reg, now); err != nil {
			t.Fatal(err)
		}
		links = append(links, f.Links.Sign(connect.PurposeVerify, reg.ID))
	}
	only("registrations of one address confirmed", "200", parallel(100, func(n int) string {
		return said(b.post(caller{}, "/v1/verify", fields{"token": links[n], "password": "correct horse battery"}))
	}))

	v := connect.Invitation{
		ID: connect.NewInvitationID(), Account: p.Account, AccountName: "Example", Email: "guest@example.com",
		Grant: connect.Grant{Role: connect.Agent}, By: "Pat", Inviter: p.Token.User,
		CreatedAt: now, ExpiresAt: now.Add(time.Hour),
	}
	if err := f.Store.Invite(ctx, v, apitest.Roomy, connect.AuditEntry{Account: p.Account, At: now}); err != nil {
		t.Fatal(err)
	}
	invite := f.Links.Sign(connect.PurposeInvite, string(v.Account)+"-"+v.ID)
	only("one invitation joined", "200", parallel(100, func(int) string {
		return said(b.post(caller{}, "/v1/invitations/join", fields{
			"token": invite, "name": "Guest", "password": "correct horse battery",
		}))
	}))
	known := f.Person("known@example.com")
	v.ID, v.Email = connect.NewInvitationID(), connect.Email(known.Email)
	if err := f.Store.Invite(ctx, v, apitest.Roomy, connect.AuditEntry{Account: p.Account, At: now}); err != nil {
		t.Fatal(err)
	}
	invite = f.Links.Sign(connect.PurposeInvite, string(v.Account)+"-"+v.ID)
	if r := b.post(caller{
		bearer: p.Token.Text,
	}, "/v1/invitations/accept", fields{"token": invite}); r.status != 403 || r.code() != "other-address" {
		t.Errorf("an invitation for another address: %v", r)
	}
	only("one invitation accepted", "200", parallel(100, func(int) string {
		return said(b.post(caller{bearer: known.Token.Text}, "/v1/invitations/accept", fields{"token": invite}))
	}))
	ask := connect.Invitation{
		ID: connect.NewInvitationID(), Account: p.Account, AccountName: "Example", Email: v.Email,
		Grant: connect.Grant{Payer: connect.AgencyPays}, By: "Pat", Inviter: p.Token.User,
		CreatedAt: now, ExpiresAt: now.Add(time.Hour),
	}
	if err := f.Store.Invite(ctx, ask, apitest.Roomy, connect.AuditEntry{Account: p.Account, At: now}); err != nil {
		t.Fatal(err)
	}
	become := f.Links.Sign(connect.PurposeInvite, string(p.Account)+"-"+ask.ID)
	only("one agency let in", "204", parallel(100, func(int) string {
		return said(b.post(caller{
			bearer: known.Token.Text, header: map[string]string{"Mi-Account": string(known.Account)},
		}, "/v1/clients/invitations/accept", fields{"token": become}))
	}))
	if members, err := f.Store.Members(ctx, p.Account); err != nil || len(members) != 3 {
		t.Errorf("%v, %v", members, err)
	}

	b.post(caller{}, "/v1/password/forgot", fields{"email": p.Email})
	reset := f.ticket(connect.PurposeReset)
	only("one password reset", "204", parallel(100, func(n int) string {
		return said(b.post(caller{}, "/v1/password/reset", fields{
			"token": reset, "password": fmt.Sprintf("a fresh password %d", n),
		}))
	}))
}

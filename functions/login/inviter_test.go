package main

import (
	"errors"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// An invitation is worth what its sender's place is when it is accepted: a removed or demoted admin's makes
// nobody a member any more, and a removed one's agency gets no client.
func TestAnInvitationIsAsGoodAsWhoSentIt(t *testing.T) {
	f := start(t)
	ctx := t.Context()
	for name, c := range map[string]struct {
		sender, given connect.Role
		after         connect.Role // NoRole removes
		good          bool
	}{
		"still an admin":             {connect.Admin, connect.Admin, connect.Admin, true},
		"removed":                    {connect.Admin, connect.Admin, connect.NoRole, false},
		"demoted to agent":           {connect.Admin, connect.Viewer, connect.Agent, false},
		"owner, now admin: owner":    {connect.Owner, connect.Owner, connect.Admin, false},
		"owner, now admin: viewer":   {connect.Owner, connect.Viewer, connect.Admin, true},
		"admin, now an owner: agent": {connect.Admin, connect.Agent, connect.Owner, true},
	} {
		t.Run(name, func(t *testing.T) {
			f.T = t
			stem := string(connect.NewUserID())[2:10]
			boss, sender := f.Person(stem+"-boss@example.com"), f.Person(stem+"-sender@example.com")
			guest := f.Person(stem + "-guest@example.com")
			f.Subscribe(boss.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
			f.Member(sender, boss.Account, c.sender)
			now := f.Clock.Now()
			e := connect.AuditEntry{Account: boss.Account, At: now}
			var links []string
			for _, email := range []string{guest.Email, stem + "-new@example.com"} {
				v := connect.Invitation{
					ID: connect.NewInvitationID(), Account: boss.Account, AccountName: "Boss", Email: connect.Email(email),
					Grant: connect.Grant{Role: c.given}, By: "Sender",
					Inviter: sender.Token.User, CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife),
				}
				if err := f.Store.Invite(ctx, v, apitest.Roomy, e); err != nil {
					t.Fatal(err)
				}
				links = append(links, f.Private("link", f.Links.Sign(connect.PurposeInvite, string(v.Account)+"-"+v.ID)))
			}
			ask := connect.Invitation{
				ID: connect.NewInvitationID(), Account: boss.Account, AccountName: "Boss", Email: connect.Email(guest.Email),
				Grant: connect.Grant{Payer: connect.ClientPays}, By: "Sender",
				Inviter: sender.Token.User, CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife),
			}
			if err := f.Store.Invite(ctx, ask, apitest.Roomy, e); err != nil {
				t.Fatal(err)
			}
			m, err := f.Store.Member(ctx, boss.Account, sender.Token.User)
			switch {
			case err != nil:
				t.Fatal(err)
			case c.after == connect.NoRole:
				err = f.Store.RemoveMember(ctx, m, e)
			case c.after != c.sender:
				err = f.Store.SetRole(ctx, m, c.after, e)
			}
			if err != nil {
				t.Fatal(err)
			}
			want := func(what string, a apitest.Answer, good bool) {
				t.Helper()
				if good && a.Status > 299 || !good && (a.Status != 400 || a.Code() != "link-invalid") {
					t.Errorf("%s: %d %s", what, a.Status, a.Body)
				}
			}
			in := apitest.Request{
				Method: "POST", Bearer: guest.Token.Text, Header: map[string]string{"mi-account": string(guest.Account)},
			}
			in.Path, in.Body = "/v1/invitations/open", fields{"token": links[1]}
			want("open", f.post(in.Path, in.Body), c.good)
			in.Path, in.Body = "/v1/invitations/accept", fields{"token": links[0]}
			want("accept", f.Do(in), c.good)
			joined := f.post("/v1/invitations/join", fields{
				"token": links[1], "name": "New", "password": f.Private("password", "correct horse battery"),
			})
			if joined.Status == 200 {
				f.Private("session token", joined.Text("token"))
			}
			want("join", joined, c.good)
			become := f.Links.Sign(connect.PurposeInvite, string(ask.Account)+"-"+ask.ID)
			in.Path, in.Body = "/v1/clients/invitations/accept", fields{"token": become}
			want("become a client", f.Do(in), c.after >= connect.Admin)
		})
	}
}

// Between reading an invitation and using it its sender may be removed: the transaction decides.
func TestAnInvitationThatWasReadBeforeItsSenderWent(t *testing.T) {
	f := start(t)
	boss, sender, guest := f.Person("boss@example.com"), f.Person("sender@example.com"), f.Person("guest@example.com")
	f.Member(sender, boss.Account, connect.Admin)
	now := f.Clock.Now()
	e := connect.AuditEntry{Account: boss.Account, At: now}
	v := connect.Invitation{
		ID: connect.NewInvitationID(), Account: boss.Account, AccountName: "Boss", Email: connect.Email(guest.Email),
		Grant: connect.Grant{Role: connect.Admin}, By: "Sender",
		Inviter: sender.Token.User, CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife),
	}
	m, err := f.Store.Member(t.Context(), boss.Account, sender.Token.User)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Store.Invite(t.Context(), v, apitest.Roomy, e); err != nil {
		t.Fatal(err)
	}
	// As if the removal had been cut off before it tidied up: only the member's item says that they are out.
	f.SetText("ACCOUNTS_TABLE", "A#"+string(boss.Account), "member#"+string(m.User), "role", connect.Agent.String())
	if err := f.Store.AcceptInvitation(t.Context(), v, connect.User{
		ID: guest.Token.User,
	}, apitest.Roomy, e, now); !errors.Is(err, connect.ErrLinkInvalid) {
		t.Errorf("%v", err)
	}
}

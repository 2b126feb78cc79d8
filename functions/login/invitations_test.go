package main

import (
	"net/http"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A member's invitation makes nobody a client and a client's nobody a member, although their links are signed alike.
func TestAnInvitationGrantsWhatItSays(t *testing.T) {
	f := start(t)
	pat, guest := f.Person("pat@example.com"), f.Person("guest@example.com")
	f.Subscribe(pat.Account, connect.Billing{Status: connect.Active, Plan: "agency"})
	member := f.Invitation(pat.Account, guest.Email, connect.Agent)
	client := member
	client.ID, client.Grant = connect.NewInvitationID(), connect.Grant{Payer: connect.ClientPays}
	e := connect.AuditEntry{Account: pat.Account, At: f.Clock.Now(), Action: connect.ClientInvited}
	if err := f.Store.Invite(t.Context(), client, apitest.Roomy, e); err != nil {
		t.Fatal(err)
	}
	link := func(v connect.Invitation, purpose string) map[string]any {
		return map[string]any{"token": f.Private("link", f.Links.Sign(purpose, string(v.Account)+"-"+v.ID))}
	}
	asked := func(path string, body map[string]any) apitest.Answer {
		in := apitest.Request{Method: http.MethodPost, Path: path, Body: body, Bearer: guest.Token.Text}
		in.Header = map[string]string{"mi-account": string(guest.Account)}
		return f.Do(in)
	}
	for path, wrong := range map[string]connect.Invitation{
		"/v1/invitations/open": client, "/v1/invitations/accept": client,
		"/v1/clients/invitations/open": member, "/v1/clients/invitations/accept": member,
	} {
		if a := asked(path, link(wrong, connect.PurposeInvite)); a.Status != 400 || a.Code() != "link-invalid" {
			t.Errorf("%s took the other kind: %d %s", path, a.Status, a.Body)
		}
	}
	// Links and items of clients' invitations as they were before there was one kind.
	f.SetText("ACCOUNTS_TABLE", "A#"+string(pat.Account), "ask#"+client.ID, "agencyName", "Former Ltd")
	f.SetText("ACCOUNTS_TABLE", "A#"+string(pat.Account), "ask#"+client.ID, "accountName", "")
	a := asked("/v1/clients/invitations/open", link(client, connect.PurposeClient))
	if a.Status != 200 || a.Text("agency") != "Former Ltd" {
		t.Errorf("an older link: %d %s", a.Status, a.Body)
	}
	for path, right := range map[string]connect.Invitation{
		"/v1/clients/invitations/accept": client, "/v1/invitations/accept": member,
	} {
		if a := asked(path, link(right, connect.PurposeInvite)); a.Status >= 300 {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	clients, err := f.Store.Clients(t.Context(), pat.Account)
	if err != nil || len(clients) != 1 || clients[0].Account != guest.Account || clients[0].Payer != connect.ClientPays {
		t.Errorf("%+v, %v", clients, err)
	}
	m, err := f.Store.Member(t.Context(), pat.Account, guest.Token.User)
	if err != nil || m.Role != connect.Agent {
		t.Errorf("%+v, %v", m, err)
	}
}

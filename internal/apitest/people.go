package apitest

import (
	"context"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// Person is somebody with an account of their own.
type Person struct {
	Email, Password string
	Token           token.Bearer
	Account         connect.AccountID
}

// Person makes a user with an account, logged in.
func (w *World) Person(email string) Person {
	w.T.Helper()
	ctx, now := context.Background(), w.Clock.Now()
	p := Person{Email: w.Private("email address", email), Password: w.Private("password", "the password of "+email)}
	hash, ok := hashes.Load(p.Password)
	if !ok {
		hash, _ = hashes.LoadOrStore(p.Password, password.Hash(p.Password))
	}
	reg := connect.Registration{
		ID: token.NewID(), Email: connect.Email(email), Name: "Pat Example", Company: "Example " + email,
		ExpiresAt: now.Add(time.Hour),
	}
	if err := w.Store.Register(ctx, reg, now); err != nil {
		w.T.Fatal(err)
	}
	p.Token = token.NewBearer(connect.NewUserID(), now.Add(connect.SessionLife))
	w.Private("session token", p.Token.Text)
	s := connect.LoginSession{
		ID: p.Token.ID(), User: p.Token.User, Browser: "Firefox on Linux", CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(connect.SessionLife).Truncate(time.Second),
	}
	if err := w.Store.CompleteRegistration(ctx, reg, hash.(string), p.Token, s, now); err != nil {
		w.T.Fatal(err)
	}
	who, err := w.Store.Identify(ctx, p.Token.Text, "", now)
	if err != nil {
		w.T.Fatal(err)
	}
	p.Account = who.Account
	return p
}

// Pass lets time pass, after which the person logs in again: a session ends after seven days.
func (w *World) Pass(p *Person, d time.Duration) {
	w.T.Helper()
	w.Clock.Forward(d)
	now := w.Clock.Now()
	t := token.NewBearer(p.Token.User, now.Add(connect.SessionLife))
	w.Private("session token", t.Text)
	s := connect.LoginSession{
		ID: t.ID(), User: t.User, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(connect.SessionLife),
	}
	if err := w.Store.StartSession(context.Background(), t, s, store.Login{}, now); err != nil {
		w.T.Fatal(err)
	}
	p.Token = t
}

// Subscribe gives an account a plan, or a state of paying for it, as if Stripe had said so.
func (w *World) Subscribe(account connect.AccountID, b connect.Billing) {
	w.T.Helper()
	s, err := w.Store.Subscription(context.Background(), account)
	if err != nil {
		w.T.Fatal(err)
	}
	b.ID, b.Interval, b.Quantity = "sub_test", connect.Monthly, max(1, b.Quantity)
	s.Billing = b
	if err := w.Store.SaveSubscription(context.Background(), s, "", w.Clock.Now()); err != nil {
		w.T.Fatal(err)
	}
}

// Member makes a person a member of an account, as if they had accepted an invitation.
func (w *World) Member(p Person, account connect.AccountID, role connect.Role) {
	w.T.Helper()
	now := w.Clock.Now()
	v := w.Invitation(account, p.Email, role)
	e := connect.AuditEntry{Account: account, At: now, Action: connect.MemberJoined}
	if err := w.Store.AcceptInvitation(w.T.Context(), v, connect.User{ID: p.Token.User}, Roomy, e, now); err != nil {
		w.T.Fatal(err)
	}
}

// Invitation invites somebody in the name of an account's owner or, where it has none, of its agency's.
func (w *World) Invitation(account connect.AccountID, email string, role connect.Role) connect.Invitation {
	w.T.Helper()
	now := w.Clock.Now()
	v := connect.Invitation{
		ID: connect.NewInvitationID(), Account: account, AccountName: "A", Email: connect.Email(email),
		Grant: connect.Grant{Role: role}, By: "B",
		CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife),
	}
	owners, err := w.Store.Owners(w.T.Context(), account)
	if err == nil && len(owners) == 0 {
		agencies, lost := w.Store.Agencies(w.T.Context(), account)
		if lost != nil || len(agencies) == 0 {
			w.T.Fatalf("nobody could invite into %s: %v", account, lost)
		}
		v.Via = agencies[0].Agency
		owners, err = w.Store.Owners(w.T.Context(), v.Via)
	}
	if err != nil {
		w.T.Fatal(err)
	}
	v.Inviter = owners[0].ID
	if err := w.Store.Invite(
		w.T.Context(), v, Roomy, connect.AuditEntry{Account: account, At: now, Action: connect.MemberInvited},
	); err != nil {
		w.T.Fatal(err)
	}
	return v
}

// Site adds a site to an account.
func (w *World) Site(account connect.AccountID, name, zone string, origins ...connect.Origin) *connect.Site {
	w.T.Helper()
	s := &connect.Site{
		ID: connect.NewSiteID(), Account: account, Key: connect.NewSiteKey(), Name: name, Origins: origins, TimeZone: zone,
		RetentionDays: connect.DefaultRetention, CreatedAt: w.Clock.Now().Truncate(time.Millisecond),
	}
	if err := w.Store.AddSite(context.Background(), s); err != nil {
		w.T.Fatal(err)
	}
	return s
}

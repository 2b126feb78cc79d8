package samples

import (
	"context"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// What is there before the samples are sent, under names that can stand in a file: somebody who is logged
// in, their site, and a visitor's request on it. None of it is secret, or of use anywhere else.
const (
	User     = "u_sample0000000000"
	Site     = "s_sample0000000000"
	SiteKey  = "k_sample0000000000"
	Callback = "c_sample0000000000"
	Email    = "sample@example.com"
	Password = "a password for the samples"
	Origin   = "https://example.com"
	// Key signs links; each function that takes TOKEN_KEY is given it.
	Key = "a key that only samples are signed with"
)

// Secret is what a function that takes a secret of that name as text is given: of the shape it demands.
func Secret(name string) string {
	switch name {
	case "STRIPE_SECRET_KEY":
		return stripe.Key
	case "STRIPE_WEBHOOK_SECRETS":
		return stripe.Secret
	}
	return Key
}

// Bearer is the token of the session that is logged in.
var Bearer = User + "." + strings.Repeat("A", 43) + ".zzzzzz"

// Manage is the token of the visitor's own link to Callback.
func Manage() string {
	return token.NewLinks([]byte(Key)).Sign(connect.PurposeRequest, Site+"~"+Callback)
}

// Prepare fills tables that are empty.
func Prepare(ctx context.Context, db store.DB) error {
	s := struct {
		store.Registrations
		store.Team
		store.Billing
		store.Sites
		store.Intake
	}{store.Registrations(db), store.Team(db), store.Billing(db), store.Sites(db), store.Intake(db)}
	now := time.Now()
	r := connect.Registration{
		ID: "sample", Email: Email, Name: "Sam Sample", Company: "Sample Ltd", ExpiresAt: now.Add(time.Hour),
	}
	if err := s.Register(ctx, r, now); err != nil {
		return err
	}
	session, _ := token.ParseBearer(Bearer)
	err := s.CompleteRegistration(ctx, r, password.Hash(Password), session, connect.LoginSession{
		ID: session.ID(), User: User, Browser: "Firefox on Linux", CreatedAt: now, LastSeenAt: now,
		ExpiresAt: now.Add(connect.SessionLife),
	}, now)
	if err != nil {
		return err
	}
	members, err := s.Memberships(ctx, User)
	if err != nil {
		return err
	}
	// A paid plan, so that a second site can be added.
	err = s.SaveSubscription(ctx, &connect.Subscription{Account: members[0].Account, Billing: connect.Billing{
		ID: "sub_sample", Status: connect.Active, Plan: "starter", Interval: connect.Monthly, Quantity: 1,
		PeriodEnd: now.AddDate(0, 1, 0),
	}}, "", now)
	if err != nil {
		return err
	}
	err = s.AddSite(ctx, &connect.Site{
		ID: Site, Account: members[0].Account, Key: SiteKey, Name: "Sample", Origins: []connect.Origin{Origin},
		TimeZone: connect.DefaultTimeZone, RetentionDays: connect.DefaultRetention, CreatedAt: now,
	})
	if err != nil {
		return err
	}
	_, err = s.AddCallback(ctx, &connect.Callback{
		ID: Callback, Site: Site, SiteName: "Sample", Name: "Ada Lovelace", Phone: "+442079460018", Page: Origin + "/pricing",
		Status: connect.StatusNew, CreatedAt: now, UpdatedAt: now, ExpiresAt: now.AddDate(0, 0, connect.DefaultRetention),
	}, "sample", "sample", now)
	return err
}

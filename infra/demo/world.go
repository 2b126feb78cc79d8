package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/drive"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/keyring"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// world fills a run. What is of today goes the way of any user, through the pages' API; what is of the past, and so
// can't, is written by the functions' own rules.
type world struct {
	stack *stack.Stack
	ada   *drive.Client
	store doors
	links token.Links
	now   time.Time

	visits   int64
	requests int
	made     string
}

// doors are those that it writes the past by.
type doors struct {
	store.Sites
	store.Counts
	store.Intake
	store.Requests
}

func (w *world) live(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	env, err := w.stack.Environment("CallbacksFunction", "DashboardFunction", "RollupFunction")
	if err != nil {
		return err
	}
	db := store.Open(func(name string) string { return env[name] })
	w.store = doors{store.Sites(db), store.Counts(db), store.Intake(db), store.Requests(db)}
	w.links = token.MustLinks(keyring.Fixed(env["TOKEN_KEY"]))
	accounts, err := w.open(ctx)
	if err != nil {
		return err
	}
	var me struct{ Account struct{ ID string } }
	if err := w.ada.Until(ctx, drive.Call{Method: "GET", Path: "/v1/me", Done: []int{200}}, &me); err != nil {
		return err
	}
	for i, account := range append([]string{me.Account.ID}, accounts...) {
		if err := w.site(ctx, shops[i], connect.AccountID(account)); err != nil {
			return err
		}
	}
	w.made = fmt.Sprintf("%d people, %d sites, %d visits in a year, %d requests",
		1+len(staff), len(shops), w.visits, w.requests)
	return nil
}

// site is a year of one.
func (w *world) site(ctx context.Context, s *shop, account connect.AccountID) error {
	origins := []connect.Origin{connect.Origin("https://" + s.host), connect.Origin(w.stack.DemoOrigin)}
	s.site = &connect.Site{
		ID: connect.NewSiteID(), Account: account, Key: connect.NewSiteKey(), Name: s.name, Origins: origins,
		TimeZone: connect.DefaultTimeZone, RetentionDays: connect.DefaultRetention,
		CreatedAt: w.now.AddDate(-1, 0, 0).Truncate(time.Millisecond),
	}
	if err := w.store.AddSite(ctx, s.site); err != nil {
		return err
	}
	requests, err := w.year(ctx, s)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(7, uint64(s.visits)))
	for _, a := range requests {
		if err := w.ask(ctx, r, s, a); err != nil {
			return err
		}
	}
	return nil
}

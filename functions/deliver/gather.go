package main

import (
	"context"
	"slices"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// gathered is what an email of what was held says.
type gathered struct {
	requests []heldRequest
	sites    []*connect.Site // that it is about
	late     int             // calls of which only the number is known
	// waiting is how many wait at sites whose requests were not all kept one by one; more, that they are not all.
	waiting map[connect.SiteID]int
	more    bool
}

// count is how many requests wait of those that it is about.
func (g gathered) count() (n int) {
	kept := map[connect.SiteID]int{}
	for _, r := range g.requests {
		kept[r.site.ID]++
	}
	for _, s := range g.sites {
		n += max(kept[s.ID], g.waiting[s.ID])
	}
	return n
}

type heldRequest struct {
	*connect.Callback
	site *connect.Site
}

// gather reads what m keeps. Whoever left, is told of the site no more or chose other departments is not told.
func (d *deliver) gather(ctx context.Context, m connect.Message, now time.Time) (gathered, error) {
	g := gathering{deliver: d, user: m.User, now: now, known: map[connect.SiteID]*heldSite{}}
	g.gathered.waiting = map[connect.SiteID]int{}
	for _, h := range m.Held {
		var err error
		switch {
		case h.Site == "":
			err = g.lateCalls(ctx, h)
		case h.Callback == "":
			err = g.backlog(ctx, h)
		default:
			err = g.request(ctx, h)
		}
		if err != nil {
			return g.gathered, err
		}
	}
	return g.gathered, nil
}

// gathering is gathered while it is read.
type gathering struct {
	*deliver
	gathered
	user  connect.UserID
	now   time.Time
	known map[connect.SiteID]*heldSite
}

type heldSite struct {
	*connect.Site
	choice connect.AlertChoice
}

// site returns nil for one that is gone.
func (g *gathering) site(ctx context.Context, h connect.Held) (*heldSite, error) {
	if of, ok := g.known[h.Site]; ok {
		return of, nil
	}
	site, err := g.store.Site(ctx, h.Account, h.Site)
	if err != nil {
		return nil, unlessGone(err)
	}
	choice, err := g.choice(ctx, h.Account, h.Site, g.user)
	if err != nil {
		return nil, err
	}
	g.known[h.Site] = &heldSite{site, choice}
	return g.known[h.Site], nil
}

func (g *gathering) about(of *heldSite) {
	if !slices.Contains(g.sites, of.Site) {
		g.sites = append(g.sites, of.Site)
	}
}

// lateCalls are an account's, told to its owners.
func (g *gathering) lateCalls(ctx context.Context, h connect.Held) error {
	owner, err := g.owns(ctx, h.Account)
	if owner {
		g.late += h.Late
	}
	return err
}

// backlog is of requests to a site that were not told one by one.
func (g *gathering) backlog(ctx context.Context, h connect.Held) error {
	of, err := g.site(ctx, h)
	if err != nil || of == nil || of.choice.Requests == connect.AlertOff {
		return err
	}
	n, more, err := g.deliver.waiting(ctx, of.Site, of.choice, g.now)
	if n > 0 {
		g.gathered.waiting[of.ID], g.more = n, g.more || more
		g.about(of)
	}
	return err
}

func (g *gathering) request(ctx context.Context, h connect.Held) error {
	of, err := g.site(ctx, h)
	if err != nil || of == nil {
		return err
	}
	if slices.ContainsFunc(g.requests, func(r heldRequest) bool { return r.ID == h.Callback }) {
		return nil
	}
	c, err := g.store.Request(ctx, h.Site, h.Callback, g.now)
	if err != nil || c.Status != connect.StatusNew {
		return unlessGone(err)
	}
	wanted := of.choice.Requests != connect.AlertOff
	if h.Late > 0 { // of which owners are told whatever they chose for the site
		wanted, err = g.owns(ctx, h.Account)
	} else if wanted {
		wanted, err = g.covers(ctx, of.Site, of.choice, c.Department)
	}
	if wanted && err == nil {
		g.requests = append(g.requests, heldRequest{c, of.Site})
		g.about(of)
	}
	return err
}

func (g *gathering) owns(ctx context.Context, account connect.AccountID) (bool, error) {
	member, err := g.store.Member(ctx, account, g.user)
	return err == nil && member.Role == connect.Owner, unlessGone(err)
}

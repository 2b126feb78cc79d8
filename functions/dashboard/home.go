package main

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const (
	homeFirst    = 5
	homeBookings = 50
	homeDays     = 14
	// homeFigures is how many sites are shown with figures: each costs a read of its days.
	homeFigures = 12
	homeClients = 50
	// homePerClient is how many of a client's waiting requests are counted.
	homePerClient = 20
	// atRisk is how long before it breaks a promise is at risk.
	atRisk = 30 * time.Minute
	// silentDays is for how many days nobody sees the widget of a site that is silent.
	silentDays = 2
)

// waiting counts what waits: the tab's title, the navigation and the sites' cards ask for it again and again.
func (h *handlers) waiting(r *http.Request, who connect.Identity) (*api.Waiting, error) {
	list, more, err := h.store.Waiting(r.Context(), who.Account, store.WaitingPage, web.Now(r))
	if err != nil {
		return nil, err
	}
	out := countWaiting(list, more, web.Now(r))
	return &out, nil
}

func countWaiting(list []*connect.Callback, more bool, now time.Time) api.Waiting {
	out := api.Waiting{Waiting: len(list), More: more, Sites: []api.SiteWaiting{}}
	at := map[connect.SiteID]int{}
	for _, c := range list {
		n, ok := at[c.Site]
		if !ok {
			n = len(out.Sites)
			at[c.Site] = n
			out.Sites = append(out.Sites, api.SiteWaiting{Site: c.Site})
		}
		out.Sites[n].Waiting++
		if c.Overdue(now) {
			out.Sites[n].Overdue++
			out.Overdue++
		}
	}
	return out
}

// home is what a person sees first.
func (h *handlers) home(r *http.Request, who connect.Identity) (*api.Home, error) {
	ctx, now := r.Context(), web.Now(r)
	sites, err := h.queuedSites(ctx, who.Account, now)
	if err != nil {
		return nil, err
	}
	list, more, err := h.store.Waiting(ctx, who.Account, store.WaitingPage, now)
	if err != nil {
		return nil, err
	}
	out := &api.Home{
		Waiting: countWaiting(list, more, now), First: []api.Callback{}, Bookings: []api.Callback{},
		Clients: []api.ClientHome{},
	}
	zones := map[connect.SiteID]*time.Location{}
	for _, s := range sites {
		if zones[s.ID], err = time.LoadLocation(s.TimeZone); err != nil {
			return nil, err
		}
	}
	for n, c := range list {
		if n < homeFirst {
			out.First = append(out.First, api.CallbackOf(c, who.User, now))
		}
		if !c.Due.IsZero() && c.Due.After(now) && c.Due.Before(now.Add(atRisk)) {
			out.AtRisk++
		}
		zone := cmp.Or(zones[c.Site], time.UTC)
		today := connect.DateOf(c.At.In(zone)) == connect.DateOf(now.In(zone))
		if !c.At.IsZero() && today && len(out.Bookings) < homeBookings {
			out.Bookings = append(out.Bookings, api.CallbackOf(c, who.User, now))
		}
	}
	if out.Sites, err = h.homeSites(ctx, who, sites, out.Waiting, now); err != nil {
		return nil, err
	}
	if who.Agency == "" {
		out.Clients, err = h.homeClients(ctx, who.Account, now)
	}
	return out, err
}

// homeSites are the account's sites, those with the most waiting requests first.
func (h *handlers) homeSites(
	ctx context.Context, who connect.Identity, sites []*connect.Site, waiting api.Waiting, now time.Time,
) ([]api.SiteHome, error) {
	plan, err := h.store.Entitlement(ctx, who.Account, now)
	if err != nil {
		return nil, err
	}
	out := []api.SiteHome{}
	byID := map[connect.SiteID]*connect.Site{}
	for _, s := range sites {
		one := api.SiteHome{ID: s.ID, Name: s.Name}
		if n := slices.IndexFunc(waiting.Sites, func(w api.SiteWaiting) bool { return w.Site == s.ID }); n >= 0 {
			one.Waiting, one.Overdue = waiting.Sites[n].Waiting, waiting.Sites[n].Overdue
		}
		out, byID[s.ID] = append(out, one), s
	}
	slices.SortStableFunc(out, func(a, b api.SiteHome) int { return cmp.Compare(b.Waiting, a.Waiting) })
	for n := range out[:min(len(out), homeFigures)] {
		site := byID[out[n].ID]
		if out[n].Figures, out[n].State, err = h.homeFigures(ctx, site, now); err != nil {
			return nil, err
		}
		if plan.Pauses(site, sites) != connect.Runs {
			paused := api.SiteStatePaused
			out[n].State = &paused
		}
	}
	return out, nil
}

func (h *handlers) homeFigures(
	ctx context.Context, site *connect.Site, now time.Time,
) (*api.SiteFigures, *api.SiteState, error) {
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return nil, nil, err
	}
	today := connect.DateOf(now.In(zone))
	days, err := h.store.Days(ctx, site.ID, today.Add(1-homeDays), today)
	if err != nil {
		return nil, nil, err
	}
	out, last := &api.SiteFigures{Days: make([]int, homeDays)}, int64(0)
	for _, d := range days {
		out.Totals = out.Totals.Plus(d.Total)
		n := today.Add(1-homeDays).Days(d.Date) - 1
		out.Days[n] = int(d.Total.Submits)
		if n >= homeDays-silentDays {
			last += d.Total.Impressions
		}
	}
	if out.Totals.Impressions >= connect.EnoughVisits {
		out.Rate = rate(out.Totals.Submits, out.Totals.Impressions)
	}
	state := api.SiteStateRunning
	switch {
	case out.Totals.Impressions == 0:
		state = api.SiteStateUnseen
	case last == 0:
		state = api.SiteStateSilent
	}
	return out, &state, nil
}

// homeClients says of each of an agency's clients who waits there.
func (h *handlers) homeClients(
	ctx context.Context, agency connect.AccountID, now time.Time,
) ([]api.ClientHome, error) {
	clients, err := h.store.Clients(ctx, agency)
	if err != nil {
		return nil, err
	}
	out := []api.ClientHome{}
	for _, c := range clients[:min(len(clients), homeClients)] {
		list, more, err := h.store.Waiting(ctx, c.Account, homePerClient, now)
		if err != nil {
			return nil, err
		}
		one := countWaiting(list, more, now)
		shown := api.ClientHome{ID: c.Account, Name: c.Name, Waiting: one.Waiting, Overdue: one.Overdue, More: more}
		for _, c := range list {
			if shown.Since == nil || c.CreatedAt.Before(*shown.Since) {
				shown.Since = &c.CreatedAt
			}
		}
		out = append(out, shown)
	}
	slices.SortStableFunc(out, func(a, b api.ClientHome) int { return cmp.Compare(b.Waiting, a.Waiting) })
	return out, nil
}

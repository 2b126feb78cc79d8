package main

import (
	"net/http"
	"slices"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
)

// notifications lists how the caller hears of requests. An agency's people have their choices in the agency.
func (h *handlers) notifications(r *http.Request, who connect.Identity) (*api.Notifications, error) {
	sites, err := h.store.SitesOf(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	m, err := h.store.Member(r.Context(), placeOf(who), who.User)
	if err != nil {
		return nil, err
	}
	alert := m.RequestAlert
	if who.Agency != "" {
		members, err := h.store.Members(r.Context(), who.Account)
		if err != nil {
			return nil, err
		}
		alert = func(site connect.SiteID) connect.AlertChoice {
			return m.ClientRequestAlert(site, connect.Staffed(members))
		}
	}
	user, err := h.store.User(r.Context(), who.User)
	if err != nil {
		return nil, err
	}
	departments, err := h.store.Departments(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	out := &api.Notifications{Times: alertTimes(user.Alerts), Sites: []api.SiteNotification{}}
	for _, s := range sites {
		c := alert(s.ID)
		out.Sites = append(out.Sites, api.SiteNotification{
			ID: s.ID, Name: s.Name, Requests: c.Requests,
			Departments: append([]string{}, c.Departments...), SiteDepartments: append([]string{}, departments[s.ID]...),
		})
	}
	return out, nil
}

func alertTimes(t connect.AlertTimes) api.AlertTimes {
	out := api.AlertTimes{TimeZone: t.Zone, DailyAt: hours.Clock(t.Daily)}
	if t.Quiet {
		out.Quiet = &hours.Span{From: hours.Clock(t.From), To: hours.Clock(t.To)}
	}
	return out
}

func (h *handlers) chooseAlertTimes(r *http.Request, who connect.Identity, in *api.AlertTimes) error {
	var p connect.Problems
	clock := func(field string, c hours.Clock) int {
		if c < 0 || c >= hours.EndOfDay {
			p.Add(field, "Enter a time such as 09:30.")
		}
		return int(c)
	}
	checkZone(&p, in.TimeZone)
	t := connect.AlertTimes{Zone: in.TimeZone, Daily: clock("dailyAt", in.DailyAt)}
	if in.TimeZone == "" {
		p.Add("timeZone", "Required.")
	}
	if q := in.Quiet; q != nil {
		t.Quiet, t.From, t.To = true, clock("quiet.from", q.From), clock("quiet.to", q.To)
		if t.From == t.To {
			p.Add("quiet.to", "Must differ from the start: for no emails at all, turn your sites off.")
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	return h.store.ChooseAlertTimes(r.Context(), who.User, t)
}

func (h *handlers) chooseNotification(
	r *http.Request, who connect.Identity, id string, in *api.NotificationChoice,
) error {
	site, err := h.site(r, who, id)
	if err != nil {
		return err
	}
	var p connect.Problems
	if !in.Requests.Valid() {
		p.Add("requests", "Must be at-once, daily or off.")
	}
	c := connect.AlertChoice{Requests: in.Requests}
	if chosen := api.Value(in.Departments); len(chosen) > 0 {
		rules, err := h.store.Hours(r.Context(), who.Account, site.ID)
		if err != nil {
			return err
		}
		// Only what is there is stored, so that what is stored is bounded.
		for _, name := range append(rules.DepartmentNames(), "") {
			if slices.Contains(chosen, name) {
				c.Departments = append(c.Departments, name)
			}
		}
		if len(c.Departments) < len(chosen) {
			p.Add("departments", "Choose among the site's departments, each once.")
		}
	}
	if err := p.Err(); err != nil {
		return err
	}
	return h.store.ChooseRequestAlert(r.Context(), placeOf(who), who.User, site.ID, c)
}

// placeOf is the account that makes who a member, or whose agency does.
func placeOf(who connect.Identity) connect.AccountID {
	if who.Agency != "" {
		return who.Agency
	}
	return who.Account
}

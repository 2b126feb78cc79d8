package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
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
		alert = func(site connect.SiteID) connect.RequestAlert {
			return m.ClientRequestAlert(site, connect.Staffed(members))
		}
	}
	out := &api.Notifications{Sites: []api.SiteNotification{}}
	for _, s := range sites {
		out.Sites = append(out.Sites, api.SiteNotification{ID: s.ID, Name: s.Name, Requests: alert(s.ID)})
	}
	return out, nil
}

func (h *handlers) chooseNotification(
	r *http.Request, who connect.Identity, id string, in *api.NotificationChoice,
) error {
	site, err := h.site(r, who, id)
	if err != nil {
		return err
	}
	if !in.Requests.Valid() {
		var p connect.Problems
		p.Add("requests", "Must be at-once or off.")
		return p.Err()
	}
	return h.store.ChooseRequestAlert(r.Context(), placeOf(who), who.User, site.ID, in.Requests)
}

// placeOf is the account that makes who a member, or whose agency does.
func placeOf(who connect.Identity) connect.AccountID {
	if who.Agency != "" {
		return who.Agency
	}
	return who.Account
}

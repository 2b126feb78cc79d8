package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/policy"
)

// policy returns the table that our pages show, and the notice for customers.
func (h *handlers) policy(*http.Request) (*api.Policy, error) {
	m := policy.Current
	out := &api.Policy{
		Revision: m.Revision(), Updated: connect.Date(m.Updated()), Controller: m.Controller, Contact: m.Contact,
		Notice: m.CookieNotice,
		Text:   m.TextHash(), Storage: []api.StorageEntry{}, Hosts: []api.ContactedHost{}, History: []api.PolicyRevision{},
		Customers: api.CustomerNotices{Version: m.PrivacyNoticeVersion(), Notices: []api.CustomerNotice{}},
	}
	for _, e := range m.Storage {
		out.Storage = append(out.Storage, api.StorageEntry{
			Name: e.Name, Kind: api.StorageEntryKind(e.Kind), Pages: e.Pages, Where: e.Where, Type: e.Type, Purpose: e.Purpose,
			Duration: e.Duration, SetBy: e.SetBy,
		})
	}
	for _, h := range m.Hosts {
		out.Hosts = append(out.Hosts, api.ContactedHost(h))
	}
	for _, c := range m.History {
		out.History = append(out.History, api.PolicyRevision{
			Revision: c.Revision, Date: connect.Date(c.Date), Text: c.Text, Changes: c.Changes,
		})
	}
	for _, n := range m.PrivacyNotices() {
		out.Customers.Notices = append(out.Customers.Notices, api.CustomerNotice{
			Language: n.Language, Text: n.Text, HTML: n.HTML,
		})
	}
	return out, nil
}

package main

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// An export is read in parts: the person, then (for admins) the account, each site's requests and
// statistics by year, the audit log. A cursor is "<part>/<site>/<where in it>" and names nothing outside
// the account that the call acts in.

var errExportCursor = &connect.Error{Kind: connect.Invalid, Code: "invalid", Message: "Invalid cursor.",
	Fields: []connect.FieldError{{Field: "cursor", Message: "Start again without a cursor."}}}

func (h *handlers) export(r *http.Request, who connect.Identity, query exportQuery) (*api.ExportPart, error) {
	part, rest, _ := strings.Cut(query.Cursor, "/")
	site, at, _ := strings.Cut(rest, "/")
	if part != "" && who.Role < connect.Admin {
		return nil, connect.ErrForbidden
	}
	var out api.ExportPart
	var next string
	var err error
	switch part {
	case "":
		out, next, err = h.exportPerson(r, who)
	case "account":
		out, next, err = h.exportAccount(r, who)
	case "callbacks", "statistics":
		out, next, err = h.exportSite(r, who, part, connect.SiteID(site), at)
	case "complaints":
		out, next, err = h.exportComplaints(r, who, site, at)
	case "audit":
		out, next, err = h.exportAudit(r, who, rest)
	default:
		err = errExportCursor
	}
	if err != nil {
		return nil, err
	}
	out.Part = api.ExportPartPart(part)
	if part == "" {
		out.Part = api.ExportPartPartPerson
	}
	if out.Items == nil {
		out.Items = []any{}
	}
	out.Next = api.Optional(next)
	return &out, nil
}

func (h *handlers) exportPerson(r *http.Request, who connect.Identity) (out api.ExportPart, next string, err error) {
	ctx, now := r.Context(), web.Now(r)
	user, err := h.store.User(ctx, who.User)
	if err != nil {
		return out, "", err
	}
	members, err := h.store.Memberships(ctx, who.User)
	if err != nil {
		return out, "", err
	}
	sessions, err := h.store.Sessions(ctx, who.User, now)
	if err != nil {
		return out, "", err
	}
	out.Items = append(out.Items, map[string]any{
		"user": who.User, "email": user.Email, "name": user.Name, "createdAt": user.CreatedAt,
		"secondFactor":  user.SecondFactor,
		"acceptedTerms": user.TermsVersion, "acceptedProcessingAgreement": user.DPAVersion,
		"emailTimes": alertTimes(user.Alerts),
	})
	for _, m := range members {
		// What they chose is with the account.
		chosen, err := h.store.Member(ctx, m.Account, who.User)
		if err != nil && connect.KindOf(err) != connect.NotFound {
			return out, "", err
		}
		out.Items = append(out.Items, map[string]any{
			"memberOf": m.AccountName, "account": m.Account, "role": m.Role.String(), "since": m.Since,
			"requestEmailsFrom": chosen.Alerted, "dailyRequestEmailsFrom": chosen.AlertedDaily,
			"noRequestEmailsFrom": chosen.Unalerted, "requestEmailDepartments": chosen.AlertDepartments,
		})
	}
	for _, s := range sessions {
		out.Items = append(out.Items, map[string]any{
			"login": s.ID, "device": s.Browser, "createdAt": s.CreatedAt, "lastSeenAt": s.LastSeenAt, "expiresAt": s.ExpiresAt,
		})
	}
	devices, err := h.store.PushDevices(ctx, who.User, now)
	if err != nil {
		return out, "", err
	}
	for _, d := range devices {
		out.Items = append(out.Items, map[string]any{
			"notificationsIn": d.ID, "device": d.Browser, "createdAt": d.CreatedAt, "pushService": d.Service(),
		})
	}
	if who.Role < connect.Admin {
		return out, "", nil
	}
	return out, "account", h.store.Audit(ctx, web.AuditEntry(r, who, connect.DataRead, ""))
}

func (h *handlers) exportAccount(r *http.Request, who connect.Identity) (out api.ExportPart, next string, err error) {
	ctx := r.Context()
	account, err := h.store.Account(ctx, who.Account)
	if err != nil {
		return out, "", err
	}
	plan, err := h.store.Entitlement(ctx, who.Account, web.Now(r))
	if err != nil {
		return out, "", err
	}
	out.Items = append(out.Items, map[string]any{
		"account": account.ID, "name": account.Name, "plan": plan.Plan.ID, "createdAt": account.CreatedAt,
		"requiresSecondFactor": account.SecondFactor,
	})
	members, err := h.store.Members(ctx, who.Account)
	if err != nil {
		return out, "", err
	}
	for _, m := range members {
		user, err := h.store.User(ctx, m.User)
		if err != nil && connect.KindOf(err) != connect.NotFound {
			return out, "", err
		}
		out.Items = append(out.Items, map[string]any{
			"member": m.User, "name": user.Name, "email": user.Email, "role": m.Role.String(), "since": m.Since,
		})
	}
	invitations, err := h.store.Invitations(ctx, who.Account, connect.MemberLimit, web.Now(r))
	if err != nil {
		return out, "", err
	}
	for _, v := range invitations {
		out.Items = append(out.Items, map[string]any{"invitation": invitation(v)})
	}
	clients, err := h.store.Clients(ctx, who.Account)
	if err != nil {
		return out, "", err
	}
	for _, c := range clients {
		out.Items = append(out.Items, map[string]any{"client": c.Account, "name": c.Name, "payer": c.Payer, "since": c.Since})
	}
	agencies, err := h.store.Agencies(ctx, who.Account)
	if err != nil {
		return out, "", err
	}
	for _, c := range agencies {
		out.Items = append(out.Items, map[string]any{
			"agency": c.Agency, "name": c.AgencyName, "payer": c.Payer, "since": c.Since,
		})
	}
	sites, err := h.store.SitesOf(ctx, who.Account)
	if err != nil {
		return out, "", err
	}
	paused, err := h.paused(r, who, sites)
	if err != nil {
		return out, "", err
	}
	for _, s := range sites {
		rules, err := h.store.Hours(ctx, s.Account, s.ID)
		if err != nil {
			return out, "", err
		}
		described := map[string]any{"site": h.describe(s, paused(s))}
		if rules != nil {
			described["hours"] = rules
		}
		chosen, _, err := h.store.Design(ctx, s.Account, s.ID)
		if err != nil {
			return out, "", err
		}
		if chosen != nil {
			described["widget"] = chosen
		}
		out.Items = append(out.Items, described)
	}
	return out, afterSite(sites, ""), nil
}

// afterSite is the cursor of the site that follows, in order of ids; the complaints follow the last.
func afterSite(sites []*connect.Site, id connect.SiteID) string {
	ids := make([]string, len(sites))
	for n, s := range sites {
		ids[n] = string(s.ID)
	}
	slices.Sort(ids)
	for _, next := range ids {
		if next > string(id) {
			return "callbacks/" + next + "/"
		}
	}
	return "complaints/open/"
}

// exportComplaints is a page of the register, of removed sites too: those to be answered, then the answered.
func (h *handlers) exportComplaints(
	r *http.Request, who connect.Identity, state, cursor string,
) (out api.ExportPart, next string, err error) {
	if state != "open" && state != "answered" {
		return out, "", errExportCursor
	}
	page, more, err := h.store.SiteComplaints(r.Context(), who.Account, "", state == "answered", cursor, web.Now(r))
	for _, c := range page {
		out.Items = append(out.Items, map[string]any{"complaint": api.SiteComplaintOf(c)})
	}
	switch {
	case more != "":
		return out, "complaints/" + state + "/" + more, err
	case state == "open":
		return out, "complaints/answered/", err
	}
	return out, "audit/", err
}

func (h *handlers) exportSite(
	r *http.Request, who connect.Identity, part string, id connect.SiteID, at string,
) (out api.ExportPart, next string, err error) {
	ctx, now := r.Context(), web.Now(r)
	if !connect.ValidID("s_", string(id)) {
		return out, "", errExportCursor
	}
	sites, err := h.store.SitesOf(ctx, who.Account)
	if err != nil {
		return out, "", err
	}
	out.Site = &id
	n := slices.IndexFunc(sites, func(s *connect.Site) bool { return s.ID == id })
	if n < 0 { // another account's, or removed while the export was read
		return out, afterSite(sites, id), nil
	}
	if part == "callbacks" {
		page, more, err := h.store.Callbacks(ctx, id, "", at, now)
		if err != nil {
			return out, "", err
		}
		for _, c := range page {
			out.Items = append(out.Items, api.CallbackOf(c, "", now))
		}
		if more != "" {
			return out, "callbacks/" + string(id) + "/" + more, nil
		}
		return out, "statistics/" + string(id) + "/" + strconv.Itoa(sites[n].CreatedAt.Year()), nil
	}
	return h.exportDays(r, out, sites, id, at)
}

func (h *handlers) exportAudit(
	r *http.Request, who connect.Identity, at string,
) (out api.ExportPart, next string, err error) {
	if at != "" && !validCursor(at) {
		return out, "", errExportCursor
	}
	events, more, err := h.store.AuditLog(
		r.Context(), who.Account, store.AuditFilter{After: at, Limit: auditPage}, web.Now(r),
	)
	if err != nil {
		return out, "", err
	}
	for _, e := range events {
		out.Items = append(out.Items, auditEntry(e))
	}
	if more != "" {
		next = "audit/" + more
	}
	return out, next, nil
}

package access

import "strings"

// row says of one route who may call it, and how to call it so that it would work.
type row struct {
	route string
	min   who                   // the least role; public and person are none
	first func(w *world)        // what has to be so before it works
	path  func(w *world) string // with the names of what is in the account
	body  func(w *world) any
	also  int    // what it may answer besides 2xx to those who are allowed
	skip  string // why a public route is not called here
}

func with(v map[string]any) func(*world) any { return func(*world) any { return v } }

var none = with(map[string]any{})

func inSite(rest string) func(*world) string {
	return func(w *world) string { return "/v1/sites/" + w.site + rest }
}

func site(*world) any {
	return map[string]any{"name": "Site", "origins": []string{"https://example.com"}}
}

// spare is the path of something that may be lost: one that is listed, or a new one. A plan has room for few.
func (w *world) spare(path, list, name, value string, more func() string) string {
	for _, one := range w.must(200, owner, "GET", path, w.account, nil)[list].([]any) {
		if text, _ := one.(map[string]any)[name].(string); strings.HasPrefix(text, value) {
			return one.(map[string]any)["id"].(string)
		}
	}
	return more()
}

func (w *world) adds(path string, body any) func() string {
	return func() string { return w.must(201, owner, "POST", path, w.account, body)["id"].(string) }
}

func aSite(w *world) string {
	lost := map[string]any{"name": "Lost", "origins": []string{"https://lost.example"}}
	return "/v1/sites/" + w.spare("/v1/sites", "sites", "name", "Lost", w.adds("/v1/sites", lost))
}

// aMember is made by function login, so that a login is made as well.
func aMember(w *world) string {
	return "/v1/members/" + w.spare("/v1/members", "members", "email", "member", func() string {
		bearer := w.bearers
		w.bearers[nobody] = w.invited(w.fresh("member")+"@example.com", "viewer")
		id := w.me(nobody).User.ID
		w.bearers = bearer
		return id
	})
}

func anInvitation(w *world) string {
	return "/v1/invitations/" + w.spare("/v1/invitations", "invitations", "email", "", w.adds("/v1/invitations", invite(w)))
}

func aClient(w *world) string {
	return "/v1/clients/" + w.spare("/v1/clients", "clients", "name", "Lost", w.adds("/v1/clients", map[string]any{"name": "Lost", "payer": "agency"}))
}

func anAsk(w *world) string {
	return "/v1/clients/invitations/" + w.spare("/v1/clients", "invitations", "email", "", w.adds("/v1/clients/invitations", ask(w)))
}

// anAgency asks for the account, and its owner lets it in.
func anAgency(w *world) string {
	return "/v1/agencies/" + w.spare("/v1/agencies", "agencies", "name", "", func() string {
		seen := w.links(ownerEmail)
		w.must(201, foreign, "POST", "/v1/clients/invitations", w.own[foreign], map[string]any{"email": ownerEmail, "payer": "client"})
		w.must(204, owner, "POST", "/v1/clients/invitations/accept", w.account, map[string]any{"token": w.linkAfter(ownerEmail, len(seen))})
		return w.own[foreign]
	})
}

func aCallback(w *world) string {
	path := "/v1/sites/" + w.site + "/callbacks"
	return path + "/" + w.spare(path, "items", "name", "", func() string {
		w.leave()
		return w.spare(path, "items", "name", "", func() string { w.t.Fatal("the visitor's request is not in the inbox"); return "" })
	})
}

func plan(w *world) any { return map[string]any{"plan": "business", "interval": "month"} }

// priced is a change to the price that was said for it.
func priced(w *world) any {
	quote := w.must(200, owner, "POST", "/v1/billing/preview", w.account, plan(w))
	return map[string]any{"plan": "business", "interval": "month", "at": quote["at"], "now": quote["now"]}
}

func invite(w *world) any {
	return map[string]any{"email": w.fresh("new") + "@example.com", "role": "viewer"}
}
func ask(w *world) any {
	return map[string]any{"email": w.fresh("asked") + "@example.com", "payer": "client"}
}

// unsubscribed ends the account's trial: an account that pays is not closed.
func unsubscribed(w *world) {
	for w.must(200, owner, "POST", "/v1/billing/refresh", w.account, nil)["plan"].(map[string]any)["id"] != "free" {
		w.must(200, nobody, "POST", "/_local/stripe/control/advance", "", map[string]any{"hours": 15 * 24})
	}
}

// wrong is a body that a person's own call refuses as theirs: the call was let in.
var wrong = with(map[string]any{"password": "not the password"})

// published is the notice as it is now.
func published(w *world) any {
	return map[string]any{"version": w.must(200, owner, "GET", "/v1/sites/"+w.site+"/notice", w.account, nil)["version"]}
}

// matrix has a row for every route of template.yaml. A person's own calls need no role; the last four rows
// come last because they change who is who.
var matrix = []row{
	// widget and visitors
	{route: "POST /v1/events", min: public, body: none},
	{route: "GET /v1/widget/{key}", min: public},
	{route: "POST /v1/callbacks", min: public, body: none},
	{route: "GET /v1/callbacks/{token}", min: public},
	{route: "PATCH /v1/callbacks/{token}", min: public, body: none},
	{route: "DELETE /v1/callbacks/{token}", min: public},

	// getting in
	{route: "POST /v1/register", min: public, body: none},
	{route: "POST /v1/register/resend", min: public, body: none},
	{route: "POST /v1/verify/open", min: public, body: none},
	{route: "POST /v1/verify", min: public, body: none},
	{route: "POST /v1/login", min: public, body: none},
	{route: "POST /v1/login/link", min: public, body: none},
	{route: "POST /v1/login/link/open", min: public, body: none},
	{route: "POST /v1/login/passkey/options", min: public},
	{route: "POST /v1/login/passkey", min: public, body: none},
	{route: "POST /v1/password/forgot", min: public, body: none},
	{route: "POST /v1/password/reset", min: public, body: none},
	{route: "POST /v1/email/open", min: public, body: none},
	{route: "POST /v1/email/approve", min: public, body: none},
	{route: "POST /v1/email/cancel", min: public, body: none},
	{route: "POST /v1/email/confirm", min: public, body: none},
	{route: "POST /v1/recovery", min: public, body: none},
	{route: "POST /v1/recovery/open", min: public, body: none},
	{route: "POST /v1/recovery/finish", min: public, body: none},
	{route: "POST /v1/invitations/open", min: public, body: none},
	{route: "POST /v1/invitations/join", min: public, body: none},
	{route: "POST /v1/clients/invitations/open", min: public, body: none},

	// a person's own
	{route: "GET /v1/me", min: person},
	{route: "GET /v1/sessions", min: person},
	{route: "DELETE /v1/sessions/{id}", min: person, path: func(*world) string { return "/v1/sessions/abcdefghijklmnop" }, also: 404},
	{route: "PUT /v1/password", min: person, body: with(map[string]any{"current": "not the password", "password": "another horse battery"}), also: 400},
	{route: "POST /v1/email", min: person, body: with(map[string]any{"email": "new@example.com", "password": "not the password"}), also: 400},
	{route: "GET /v1/email", min: person},
	{route: "DELETE /v1/email", min: person, also: 404},
	{route: "GET /v1/factors", min: person},
	{route: "POST /v1/factors/totp", min: person, body: wrong, also: 400},
	{route: "POST /v1/factors/totp/confirm", min: person, body: with(map[string]any{"code": "000000"}), also: 400},
	{route: "DELETE /v1/factors/totp", min: person, body: wrong, also: 400},
	{route: "POST /v1/factors/recovery", min: person, body: wrong, also: 400},
	{route: "POST /v1/passkeys/options", min: person, body: wrong, also: 400},
	{route: "POST /v1/passkeys", min: person, body: with(map[string]any{"ceremony": "none", "name": "Key", "credential": map[string]any{}}), also: 400},
	{route: "DELETE /v1/passkeys/{id}", min: person, body: wrong, also: 400},
	{route: "DELETE /v1/recovery", min: person, also: 404},
	{route: "POST /v1/invitations/accept", min: person, body: none, also: 400},

	// the account
	{route: "GET /v1/export", min: viewer},
	{route: "GET /v1/audit", min: admin},
	{route: "GET /v1/members", min: viewer},
	{route: "PATCH /v1/members/{id}", min: admin, path: aMember, body: with(map[string]any{"role": "agent"})},
	{route: "DELETE /v1/members/{id}", min: admin, path: aMember},
	{route: "GET /v1/invitations", min: admin},
	{route: "POST /v1/invitations", min: admin, body: invite},
	{route: "DELETE /v1/invitations/{id}", min: admin, path: anInvitation},
	{route: "GET /v1/clients", min: viewer},
	{route: "POST /v1/clients", min: admin, body: with(map[string]any{"name": "New client", "payer": "client"})},
	{route: "DELETE /v1/clients/{id}", min: admin, path: aClient},
	{route: "POST /v1/clients/invitations", min: admin, body: ask},
	{route: "DELETE /v1/clients/invitations/{id}", min: admin, path: anAsk},
	{route: "POST /v1/clients/invitations/accept", min: owner, body: none, also: 400},
	{route: "GET /v1/agencies", min: viewer},
	{route: "DELETE /v1/agencies/{id}", min: owner, path: anAgency},

	// sites
	{route: "GET /v1/sites", min: viewer},
	{route: "POST /v1/sites", min: admin, body: site},
	{route: "GET /v1/sites/{id}", min: viewer, path: inSite("")},
	{route: "PUT /v1/sites/{id}", min: admin, path: inSite(""), body: site},
	{route: "GET /v1/sites/{id}/stats", min: viewer, path: inSite("/stats")},
	{route: "GET /v1/sites/{id}/callbacks", min: viewer, path: inSite("/callbacks")},
	{route: "PATCH /v1/sites/{id}/callbacks/{callbackId}", min: agent, path: aCallback, body: with(map[string]any{"status": "called"})},

	{route: "POST /v1/sites/{id}/export", min: admin, path: inSite("/export"), body: with(map[string]any{"phone": "+447911123456"})},
	{route: "POST /v1/sites/{id}/erase", min: admin, path: inSite("/erase"), body: with(map[string]any{"phone": "+447911123456"})},
	{route: "GET /v1/sites/{id}/erasures", min: admin, path: inSite("/erasures")},
	{route: "GET /v1/sites/{id}/notice", min: viewer, path: inSite("/notice")},
	{route: "POST /v1/sites/{id}/notice", min: admin, path: inSite("/notice"), body: published},

	{route: "DELETE /v1/sites/{id}", min: admin, path: aSite},

	// billing; the account has a subscription, so that it cannot check out for another
	{route: "GET /v1/billing", min: admin},
	{route: "GET /v1/billing/invoices", min: admin},
	{route: "POST /v1/billing/refresh", min: admin},
	{route: "POST /v1/billing/checkout", min: owner, body: plan, also: 409},
	{route: "POST /v1/billing/portal", min: owner, body: none},
	{route: "POST /v1/billing/mend", min: owner},
	{route: "POST /v1/billing/preview", min: owner, body: plan},
	{route: "POST /v1/billing/change", min: owner, body: priced},
	{route: "POST /v1/billing/cancel", min: owner},
	{route: "POST /v1/billing/resume", min: owner},
	{route: "POST /v1/stripe/webhook", min: public, body: none, skip: "nothing is read before the signature"},

	// our own pages
	{route: "GET /v1/policy", min: public},
	{route: "POST /v1/consent", min: public, body: none},
	{route: "GET /v1/consent/{id}", min: public},
	{route: "DELETE /v1/consent/{id}", min: public},
	{route: "POST /v1/complaints", min: public, body: none},
	{route: "POST /v1/complaints/confirm", min: public, body: none},

	// these change who is who, or whether the account is
	{route: "PATCH /v1/account", min: owner, body: with(map[string]any{"requireSecondFactor": false})},
	{route: "DELETE /v1/account", min: owner, first: unsubscribed, body: with(map[string]any{"password": password})},
	{route: "POST /v1/account/restore", min: owner},
	{route: "DELETE /v1/me", min: person, body: wrong, also: 400},
	{route: "DELETE /v1/sessions", min: person},
	{route: "POST /v1/logout", min: person},
}

package access

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/contract"
)

// row is one operation of docs/api.yaml, which says who may call it, and how to call it so that it would work.
type row struct {
	route string
	min   who // the least role; public and person are none
	call
	text []string // the fields of its body that hold text
}

// call is how an operation is called.
type call struct {
	first func(w *world)        // what has to be so before it works
	path  func(w *world) string // with the names of what is in the account
	body  func(w *world) any
	also  int    // what it may answer besides 2xx to those who are allowed
	skip  string // why a public route is not called here
	needs who    // a greater role than x-role's, as it is called here: the handler lets less do less
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
	return "/v1/invitations/" +
		w.spare("/v1/invitations", "invitations", "email", "", w.adds("/v1/invitations", invite(w)))
}

func aClient(w *world) string {
	return "/v1/clients/" + w.spare(
		"/v1/clients", "clients", "name", "Lost", w.adds("/v1/clients", map[string]any{"name": "Lost", "payer": "agency"}),
	)
}

func anAsk(w *world) string {
	return "/v1/clients/invitations/" +
		w.spare("/v1/clients", "invitations", "email", "", w.adds("/v1/clients/invitations", ask(w)))
}

// anAgency asks for the account, and its owner lets it in.
func anAgency(w *world) string {
	return "/v1/agencies/" + w.spare("/v1/agencies", "agencies", "name", "", func() string {
		seen := w.links(ownerEmail)
		w.must(201, foreign, "POST", "/v1/clients/invitations", w.own[foreign], map[string]any{
			"email": ownerEmail, "payer": "client",
		})
		w.must(204, owner, "POST", "/v1/clients/invitations/accept", w.account, map[string]any{
			"token": w.linkAfter(ownerEmail, len(seen)),
		})
		return w.own[foreign]
	})
}

func aCallback(w *world) string {
	path := "/v1/sites/" + w.site + "/callbacks"
	return path + "/" + w.spare(path, "items", "name", "", func() string {
		w.leave()
		return w.spare(
			path, "items", "name", "", func() string { w.t.Fatal("the visitor's request is not in the inbox"); return "" },
		)
	})
}

// marked is a change to one of the account's requests.
func marked(w *world) any {
	path := aCallback(w)
	item := map[string]any{"site": w.site, "id": path[strings.LastIndex(path, "/")+1:]}
	return map[string]any{"items": []any{item}, "mark": map[string]any{"status": "called"}}
}

func plan(w *world) any { return map[string]any{"plan": "business", "interval": "month"} }

// priced is a change to the price that was said for it.
func priced(w *world) any {
	quote := w.must(200, owner, "POST", "/v1/billing/preview", w.account, plan(w))
	return map[string]any{"plan": "business", "interval": "month", "at": quote["at"], "now": quote["now"]}
}

// aSubscription is a browser's, under the key that the caller was given.
func aSubscription(w *world) any {
	key := w.must(200, owner, "GET", "/v1/push", w.account, nil)["publicKey"]
	return map[string]any{
		"endpoint": "https://fcm.googleapis.com/fcm/send/access", "publicKey": key, "auth": "BTBZMqHH6r4Tts7J_aSIgg",
		"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
	}
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

// storedHours are the site's opening hours as they are now, so that a change of them is made from the newest.
func storedHours(w *world) any {
	return w.must(200, owner, "GET", "/v1/sites/"+w.site+"/hours", w.account, nil)
}

// storedDesign is that of the site's widget as it is now.
func storedDesign(w *world) any {
	return w.must(200, owner, "GET", "/v1/sites/"+w.site+"/widget", w.account, nil)["design"]
}

// calls say how to call what needs more than its path. A public operation with a body is sent an empty one.
var calls = map[string]call{
	"GET /v1/push":         {},
	"POST /v1/push":        {body: aSubscription},
	"DELETE /v1/push/{id}": {path: func(*world) string { return "/v1/push/abcdefghijklmnop" }, also: 404},
	"DELETE /v1/sessions/{id}": {
		path: func(*world) string { return "/v1/sessions/abcdefghijklmnop" }, also: 404,
	},
	"PUT /v1/password": {
		body: with(map[string]any{"current": "not the password", "password": "another horse battery"}), also: 400,
	},
	"POST /v1/email": {
		body: with(map[string]any{"email": "new@example.com", "password": "not the password"}), also: 400,
	},
	"PATCH /v1/me":                  {body: with(map[string]any{"name": "Pat Renamed"})},
	"DELETE /v1/email":              {also: 404},
	"POST /v1/factors/totp":         {body: wrong, also: 400},
	"POST /v1/factors/totp/confirm": {body: with(map[string]any{"code": "000000"}), also: 400},
	"DELETE /v1/factors/totp":       {body: wrong, also: 400},
	"POST /v1/factors/recovery":     {body: wrong, also: 400},
	"POST /v1/passkeys/options":     {body: wrong, also: 400},
	"POST /v1/passkeys": {
		body: with(map[string]any{"ceremony": "none", "name": "Key", "credential": map[string]any{}}), also: 400,
	},
	"DELETE /v1/passkeys/{id}":            {body: wrong, also: 400},
	"DELETE /v1/recovery":                 {also: 404},
	"POST /v1/invitations/accept":         {body: none, also: 400},
	"PATCH /v1/members/{id}":              {path: aMember, body: with(map[string]any{"role": "agent"})},
	"DELETE /v1/members/{id}":             {path: aMember, needs: admin},
	"POST /v1/invitations":                {body: invite},
	"DELETE /v1/invitations/{id}":         {path: anInvitation},
	"POST /v1/clients":                    {body: with(map[string]any{"name": "New client", "payer": "client"})},
	"DELETE /v1/clients/{id}":             {path: aClient},
	"POST /v1/clients/invitations":        {body: ask},
	"DELETE /v1/clients/invitations/{id}": {path: anAsk},
	"POST /v1/clients/invitations/accept": {body: none, also: 400},
	"DELETE /v1/agencies/{id}":            {path: anAgency},
	"PUT /v1/notifications": {
		body: with(map[string]any{"timeZone": "Europe/London", "dailyAt": "08:00", "quiet": nil}),
	},
	"PUT /v1/notifications/{id}": {
		path: func(w *world) string { return "/v1/notifications/" + w.site }, body: with(map[string]any{"requests": "off"}),
	},
	"POST /v1/sites":                              {body: site},
	"GET /v1/sites/{id}":                          {path: inSite("")},
	"PUT /v1/sites/{id}":                          {path: inSite(""), body: site},
	"POST /v1/sites/{id}/choose":                  {path: inSite("/choose")},
	"GET /v1/sites/{id}/hours":                    {path: inSite("/hours")},
	"GET /v1/sites/{id}/widget":                   {path: inSite("/widget")},
	"PUT /v1/sites/{id}/widget":                   {path: inSite("/widget"), body: storedDesign},
	"POST /v1/sites/{id}/widget/preview":          {path: inSite("/widget/preview"), body: storedDesign},
	"PUT /v1/sites/{id}/hours":                    {path: inSite("/hours"), body: storedHours},
	"POST /v1/sites/{id}/hours/preview":           {path: inSite("/hours/preview"), body: storedHours},
	"GET /v1/sites/{id}/stats":                    {path: inSite("/stats")},
	"GET /v1/sites/{id}/promises":                 {path: inSite("/promises")},
	"GET /v1/sites/{id}/callbacks":                {path: inSite("/callbacks")},
	"PATCH /v1/sites/{id}/callbacks/{callbackId}": {path: aCallback, body: with(map[string]any{"status": "called"})},
	"POST /v1/callbacks/find":                     {body: with(map[string]any{"text": "nobody"})},
	"POST /v1/callbacks/mark":                     {body: marked},
	"POST /v1/sites/{id}/export": {
		path: inSite("/export"), body: with(map[string]any{"phone": "+447911123456"}),
	},
	"POST /v1/sites/{id}/blocked-numbers": {path: inSite("/blocked-numbers"), body: with(aNumber)},
	"POST /v1/sites/{id}/erase": {
		path: inSite("/erase"), body: with(map[string]any{"phone": "+447911123456"}),
	},
	"GET /v1/sites/{id}/erasures":                 {path: inSite("/erasures")},
	"GET /v1/sites/{id}/complaints/{complaintId}": {path: aComplaint},
	"PATCH /v1/sites/{id}/complaints/{complaintId}": {
		path: aComplaint, body: seenComplaint(map[string]any{"note": "Looked at."}),
	},
	"GET /v1/sites/{id}/notice":  {path: inSite("/notice")},
	"POST /v1/sites/{id}/notice": {path: inSite("/notice"), body: published},
	"DELETE /v1/sites/{id}":      {path: aSite},
	"POST /v1/billing/checkout":  {body: plan, also: 409},
	"POST /v1/billing/portal":    {body: none},
	"POST /v1/billing/preview":   {body: plan},
	"POST /v1/billing/change":    {body: priced},
	"POST /v1/stripe/webhook":    {body: none, skip: "nothing is read before the signature"},
	"PATCH /v1/account":          {body: with(map[string]any{"requireSecondFactor": false})},
	"DELETE /v1/account":         {first: unsubscribed, body: with(map[string]any{"password": password})},
	"POST /v1/account/restore":   {needs: owner},
	"DELETE /v1/me":              {body: wrong, also: 400},
}

// aComplaint is one of a visitor's about the account's site.
func aComplaint(w *world) string {
	return "/v1/sites/" + w.site + "/complaints/" + w.spare("/v1/site-complaints", "items", "message", "", w.complains)
}

// seenComplaint is a change to it as it is now.
func seenComplaint(change map[string]any) func(*world) any {
	return func(w *world) any {
		out := maps.Clone(change)
		out["version"] = w.must(200, owner, "GET", aComplaint(w), w.account, nil)["version"]
		return out
	}
}

// last change who is who, or whether the account is: they are called after all others, in this order.
var last = []string{
	"PATCH /v1/account",
	"DELETE /v1/account",
	"POST /v1/account/restore",
	"DELETE /v1/me",
	"DELETE /v1/sessions",
	"POST /v1/logout",
}

var roles = map[string]who{
	contract.Public: public, contract.Person: person, "viewer": viewer, "agent": agent, "admin": admin, "owner": owner,
}

// matrix has a row for every operation.
func matrix(t *testing.T) (rows []row) {
	t.Helper()
	doc, err := contract.Load(localtest.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	unused := maps.Clone(calls)
	for _, o := range doc.Operations {
		min, ok := roles[o.Role]
		if !ok {
			t.Fatalf("%s: x-role is %q", o.Key(), o.Role)
		}
		r := row{route: o.Key(), min: min, call: calls[o.Key()], text: o.Text}
		if r.needs != nobody {
			r.min = r.needs
		}
		if min == public && o.HasBody && r.body == nil {
			r.body = none
		}
		rows = append(rows, r)
		delete(unused, o.Key())
	}
	for route := range unused {
		t.Errorf("%s is called in a way of its own, but is no operation of docs/api.yaml", route)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return slices.Index(last, a.route) - slices.Index(last, b.route) })
	return rows
}

var aNumber = map[string]any{"phone": "+447911123456"}

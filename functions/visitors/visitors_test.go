package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type world struct{ *apitest.Client }

func newWorld(t *testing.T) *world {
	w := apitest.New(t)
	w.Clock.Set(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	for what, text := range map[string]string{"number": "7700900", "email": "vera@", "name": "Vera Visitor"} {
		w.Private(what, text)
	}
	a := app(w.Logger(), w.DB, w.Links, w.Book, apitest.Origin, web.NewCDN(""), w.Clock.Now)
	return &world{w.Serve(lambdahttp.HTTP(a))}
}

// owner makes somebody with a site and returns their token.
func (w *world) owner(email string) (bearer string, site *connect.Site) {
	p := w.Person(email)
	return p.Token.Text, w.Site(p.Account, "Shop", "Europe/London", "https://shop.example")
}

func (w *world) request(site *connect.Site, at time.Time, phone string, email connect.Email) connect.CallbackID {
	w.T.Helper()
	c := &connect.Callback{
		ID: connect.NewCallbackID(at), Site: site.ID, SiteName: site.Name, Name: "Vera Visitor", Phone: phone, Email: email,
		Status: connect.StatusNew,
		Page:   "https://shop.example/", CreatedAt: at, UpdatedAt: at, ExpiresAt: at.AddDate(0, 0, 90),
		PhoneDigest: w.Links.Digest(store.DigestPhone, phone),
	}
	if email != "" {
		c.EmailDigest = w.Links.Digest(store.DigestEmail, string(email))
	}
	if _, err := w.Store.AddCallback(w.T.Context(), c, token.NewID(), "d", w.Clock.Now()); err != nil {
		w.T.Fatal(err)
	}
	return c.ID
}

func (w *world) call(bearer, method, path, body string, status int) map[string]any {
	w.T.Helper()
	a := w.Do(apitest.Request{Method: method, Path: path, Body: body, Bearer: bearer})
	if a.Status != status {
		w.T.Fatalf("%s %s %s: %d %s, want %d", method, path, body, a.Status, a.Body, status)
	}
	out := map[string]any{}
	a.Into(w.T, &out)
	return out
}

// rotated is the same function with a second version of the token key.
func (w *world) rotated() *world {
	links := token.NewLinks(fmt.Appendf(nil, `{"current":2,"keys":{"1":%q,"2":%q}}`, apitest.Key, strings.Repeat("2", 32)))
	a := app(w.Logger(), w.DB, links, w.Book, apitest.Origin, web.NewCDN(""), w.Clock.Now)
	return &world{w.Serve(lambdahttp.HTTP(a))}
}

// After the key was replaced, what was asked before is found and erased as ever.
func TestAVisitorIsFoundAfterARotation(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	w.request(site, w.Clock.Now().AddDate(0, 0, -30), "+447700900123", "vera@example.com")
	w.request(site, w.Clock.Now(), "+447700900123", "")
	r, path := w.rotated(), "/v1/sites/"+string(site.ID)
	if got := r.call(bearer, "POST", path+"/export", `{"phone":"07700900123"}`, 200)["items"].([]any); len(got) != 2 {
		t.Errorf("by phone: %v", got)
	}
	if got := r.call(bearer, "POST", path+"/export", `{"email":"vera@example.com"}`, 200)["items"].([]any); len(got) != 1 {
		t.Errorf("by email: %v", got)
	}
	if got := r.call(bearer, "POST", path+"/erase", `{"phone":"07700900123"}`, 200); got["erased"] != 2.0 ||
		w.Count("CALLBACKS_TABLE") != 0 {
		t.Errorf("erased: %v, left %s", got, w.dump("CALLBACKS_TABLE"))
	}
}

func (w *world) dump(name string) string {
	text, _ := json.Marshal(w.Items(name))
	return string(text)
}

func TestFindExportErase(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	_, other := w.owner("other@example.com")
	const vera, mail = "+447700900123", "vera@example.com"
	w.request(site, w.Clock.Now().AddDate(0, 0, -30), vera, mail)
	w.request(site, w.Clock.Now().AddDate(0, 0, -1), vera, "")
	w.request(site, w.Clock.Now(), vera, "elsewhere@example.com") // too new for an index to be sure of
	w.request(site, w.Clock.Now(), "+447700900999", mail)
	bystander := w.request(site, w.Clock.Now(), "+447700900555", "")
	elsewhere := w.request(other, w.Clock.Now(), vera, mail)
	tally, err := w.Store.DayCounts(t.Context(), site.ID, "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	tally.Total = connect.Count{Impressions: 100, Opens: 10, Submits: 5}
	if err := w.Store.SaveDayCounts(t.Context(), site.ID, tally); err != nil {
		t.Fatal(err)
	}
	counts := w.dump("STATS_TABLE")

	path := "/v1/sites/" + string(site.ID)
	export := func(body string) []any {
		t.Helper()
		return w.call(bearer, "POST", path+"/export", body, 200)["items"].([]any)
	}
	if got := export(`{"phone":"07700 900123"}`); len(got) != 3 ||
		got[0].(map[string]any)["email"] != "elsewhere@example.com" {
		t.Fatalf("by phone: %v", got)
	}
	if got := export(`{"email":" VERA@example.com "}`); len(got) != 2 {
		t.Fatalf("by email: %v", got)
	}
	erased := w.call(bearer, "POST", path+"/erase", `{"phone":"+44 7700 900 123"}`, 200)
	if erased["erased"] != 3.0 || erased["more"] != false || erased["receipt"].(map[string]any)["count"] != 3.0 {
		t.Fatalf("erased %v", erased)
	}
	if got := export(`{"phone":"07700 900123"}`); len(got) != 0 {
		t.Fatalf("after erasing: %v", got)
	}
	if again := w.call(bearer, "POST", path+"/erase", `{"phone":"07700 900123"}`, 200); again["erased"] != 0.0 ||
		again["receipt"] != nil {
		t.Errorf("erasing nobody: %v", again)
	}
	if counts != w.dump("STATS_TABLE") {
		t.Error("erasing changed the counts")
	}
	left := w.dump("CALLBACKS_TABLE")
	if strings.Count(left, "Vera Visitor") != 3 || !strings.Contains(left, string(bystander)) ||
		!strings.Contains(left, string(elsewhere)) {
		t.Errorf("left: %s", left)
	}
	consents := w.dump("CONSENTS_TABLE")
	for _, personal := range []string{"7700", "example.com", "Vera"} {
		if strings.Contains(consents, personal) {
			t.Errorf("the receipt holds %q: %s", personal, consents)
		}
	}
	list := w.call(bearer, "GET", path+"/erasures", "", 200)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["count"] != 3.0 || list[0].(map[string]any)["via"] != "phone" {
		t.Errorf("receipts %v", list)
	}
	genuine := 0
	_ = w.Store.Receipts(t.Context(), "2026-11-23", func(r *connect.Receipt) error {
		if w.Book.Genuine(r) {
			genuine++
		}
		return nil
	})
	if genuine != 1 {
		t.Errorf("%d genuine receipts, want 1", genuine)
	}
}

func TestVisitorsRefuse(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	stranger, _ := w.owner("stranger@example.com")
	w.request(site, w.Clock.Now(), "+447700900123", "")
	for _, action := range []string{"export", "erase"} {
		path := "/v1/sites/" + string(site.ID) + "/" + action
		w.call("", "POST", path, `{"phone":"07700900123"}`, 401)
		w.call(stranger, "POST", path, `{"phone":"07700900123"}`, 404)
		for _, body := range []string{
			`{}`, `{"phone":"x"}`, `{"email":"x"}`, `{"phone":"07700900123","email":"a@example.com"}`, `{"name":"Vera"}`, ``,
		} {
			w.call(bearer, "POST", path, body, 400)
		}
	}
	if !strings.Contains(w.dump("CALLBACKS_TABLE"), "Vera") || w.Count("CONSENTS_TABLE") != 0 {
		t.Error("a refusal erased something")
	}
}

func TestNoticeIsConfirmedOncePerVersion(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	path := "/v1/sites/" + string(site.ID) + "/notice"
	version := policy.Current.PrivacyNoticeVersion()
	if got := w.call(bearer, "GET", path, "", 200); got["version"] != version || got["current"] != false ||
		len(got["notices"].([]any)) == 0 {
		t.Fatalf("before: %v", got)
	}
	w.call(bearer, "POST", path, `{"version":"older"}`, 409)
	w.call(bearer, "POST", path, fmt.Sprintf(`{"version":%q}`, version), 200)
	w.Clock.Forward(time.Hour)
	got := w.call(bearer, "POST", path, fmt.Sprintf(`{"version":%q}`, version), 200)
	published := got["published"].([]any)
	if got["current"] != true || len(published) != 1 || published[0].(map[string]any)["at"] != "2026-11-23T12:00:00Z" {
		t.Errorf("after: %v", got)
	}
}

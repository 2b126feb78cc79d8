package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

type world struct {
	t     *testing.T
	app   http.Handler
	store *store.Store
	links token.Links
	now   time.Time
	log   bytes.Buffer
	env   map[string]string
	book  *receipt.Book
}

func newWorld(t *testing.T) *world {
	_, env := localtest.Dynamo(t)
	w := &world{t: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), env: env, links: token.NewLinks(make([]byte, 32)), book: receipt.Open(make([]byte, 32), 30)}
	w.store = store.Open(func(name string) string { return env[name] })
	w.app = app(web.Logger(&w.log), w.store, w.links, w.book, func() time.Time { return w.now })
	return w
}

// owner registers somebody with a site and returns their token.
func (w *world) owner(email string) (bearer string, site *connect.Site) {
	w.t.Helper()
	ctx := context.Background()
	reg := connect.Registration{ID: token.NewID(), Email: connect.Email(email), Name: "O", Company: "C", ExpiresAt: w.now.Add(time.Hour)}
	if err := w.store.Register(ctx, reg, "hash", w.now); err != nil {
		w.t.Fatal(err)
	}
	t := token.NewSession(connect.NewUserID(), w.now.AddDate(1, 0, 0))
	if err := w.store.Verify(ctx, reg, t, connect.Session{User: t.User, CreatedAt: w.now, LastSeenAt: w.now, ExpiresAt: w.now.AddDate(1, 0, 0)}, w.now); err != nil {
		w.t.Fatal(err)
	}
	who, err := w.store.Identify(ctx, t.Text, "", w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	site = &connect.Site{ID: connect.NewSiteID(), Account: who.Account, Key: connect.NewSiteKey(), Name: "Shop", RetentionDays: 90, CreatedAt: w.now}
	if err := w.store.AddSite(ctx, site); err != nil {
		w.t.Fatal(err)
	}
	return t.Text, site
}

func (w *world) request(site *connect.Site, at time.Time, phone string, email connect.Email) connect.CallbackID {
	w.t.Helper()
	c := &connect.Callback{
		ID: connect.NewCallbackID(at), Site: site.ID, SiteName: site.Name, Name: "Vera Visitor", Phone: phone, Email: email, Status: connect.StatusNew,
		Page: "https://shop.example/", CreatedAt: at, UpdatedAt: at, ExpiresAt: at.AddDate(0, 0, 90), PhoneDigest: w.links.Digest(store.DigestPhone, phone),
	}
	if email != "" {
		c.EmailDigest = w.links.Digest(store.DigestEmail, string(email))
	}
	if _, err := w.store.AddCallback(context.Background(), c, token.NewID(), "d", w.now); err != nil {
		w.t.Fatal(err)
	}
	return c.ID
}

func (w *world) call(bearer, method, path, body string, status int) map[string]any {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	rec := httptest.NewRecorder()
	w.app.ServeHTTP(rec, r)
	if rec.Code != status {
		w.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, rec.Code, rec.Body, status)
	}
	out := map[string]any{}
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	return out
}

func (w *world) dump(name string) string {
	w.t.Helper()
	table := w.env[name]
	out, err := localtest.Server(w.t).Client.Scan(context.Background(), &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		w.t.Fatal(err)
	}
	text, _ := json.Marshal(out.Items)
	return string(text)
}

func TestFindExportErase(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	_, other := w.owner("other@example.com")
	const vera, mail = "+447700900123", "vera@example.com"
	w.request(site, w.now.AddDate(0, 0, -30), vera, mail)
	w.request(site, w.now.AddDate(0, 0, -1), vera, "")
	w.request(site, w.now, vera, "elsewhere@example.com") // too new for an index to be sure of
	w.request(site, w.now, "+447700900999", mail)
	bystander := w.request(site, w.now, "+447700900555", "")
	elsewhere := w.request(other, w.now, vera, mail)
	tally, err := w.store.Tally(context.Background(), site.ID, "2026-11-23")
	if err != nil {
		t.Fatal(err)
	}
	tally.Total = connect.Count{Impressions: 100, Opens: 10, Submits: 5}
	if err := w.store.SaveTally(context.Background(), site.ID, tally); err != nil {
		t.Fatal(err)
	}
	counts := w.dump("STATS_TABLE")

	path := "/v1/sites/" + string(site.ID)
	export := func(body string) []any {
		t.Helper()
		return w.call(bearer, "POST", path+"/export", body, 200)["items"].([]any)
	}
	if got := export(`{"phone":"07700 900123"}`); len(got) != 3 || got[0].(map[string]any)["email"] != "elsewhere@example.com" {
		t.Fatalf("by phone: %v", got)
	}
	if got := export(`{"email":" VERA@example.com "}`); len(got) != 2 {
		t.Fatalf("by e-mail: %v", got)
	}
	erased := w.call(bearer, "POST", path+"/erase", `{"phone":"+44 7700 900 123"}`, 200)
	if erased["erased"] != 3.0 || len(erased["receipts"].([]any)) != 1 {
		t.Fatalf("erased %v", erased)
	}
	if got := export(`{"phone":"07700 900123"}`); len(got) != 0 {
		t.Fatalf("after erasing: %v", got)
	}
	if again := w.call(bearer, "POST", path+"/erase", `{"phone":"07700 900123"}`, 200); again["erased"] != 0.0 || len(again["receipts"].([]any)) != 0 {
		t.Errorf("erasing nobody: %v", again)
	}
	if counts != w.dump("STATS_TABLE") {
		t.Error("erasing changed the counts")
	}
	left := w.dump("CALLBACKS_TABLE")
	if strings.Count(left, "Vera Visitor") != 3 || !strings.Contains(left, string(bystander)) || !strings.Contains(left, string(elsewhere)) {
		t.Errorf("left: %s", left)
	}
	consents := w.dump("CONSENTS_TABLE")
	for _, personal := range []string{"7700", "example.com", "Vera"} {
		if strings.Contains(consents, personal) {
			t.Errorf("the receipt holds %q: %s", personal, consents)
		}
		if strings.Contains(w.log.String(), personal) {
			t.Errorf("the log holds %q: %s", personal, w.log.String())
		}
	}
	list := w.call(bearer, "GET", path+"/erasures", "", 200)["items"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["count"] != 3.0 || list[0].(map[string]any)["via"] != "phone" {
		t.Errorf("receipts %v", list)
	}
	genuine := 0
	_ = w.store.Receipts(context.Background(), "2026-11-23", func(r *connect.Receipt) error {
		if w.book.Genuine(r) {
			genuine++
		}
		return nil
	})
	if genuine != 1 {
		t.Errorf("%d genuine receipts, want 1", genuine)
	}
}

func TestManyRequestsAreErasedAtOnce(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	for n := range 120 {
		w.request(site, w.now.Add(-time.Duration(n)*time.Hour), "+447700900123", "")
	}
	got := w.call(bearer, "POST", "/v1/sites/"+string(site.ID)+"/erase", `{"phone":"07700900123"}`, 200)
	if got["erased"] != 120.0 || len(got["receipts"].([]any)) != 2 || strings.Contains(w.dump("CALLBACKS_TABLE"), "Vera") {
		t.Errorf("erased %v", got)
	}
}

func TestVisitorsRefuse(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	stranger, _ := w.owner("stranger@example.com")
	w.request(site, w.now, "+447700900123", "")
	for _, action := range []string{"export", "erase"} {
		path := "/v1/sites/" + string(site.ID) + "/" + action
		w.call("", "POST", path, `{"phone":"07700900123"}`, 401)
		w.call(stranger, "POST", path, `{"phone":"07700900123"}`, 404)
		for _, body := range []string{`{}`, `{"phone":"x"}`, `{"email":"x"}`, `{"phone":"07700900123","email":"a@example.com"}`, `{"name":"Vera"}`, ``} {
			w.call(bearer, "POST", path, body, 400)
		}
	}
	if !strings.Contains(w.dump("CALLBACKS_TABLE"), "Vera") || w.dump("CONSENTS_TABLE") != "[]" {
		t.Error("a refusal erased something")
	}
}

func TestNoticeIsConfirmedOncePerVersion(t *testing.T) {
	w := newWorld(t)
	bearer, site := w.owner("owner@example.com")
	path := "/v1/sites/" + string(site.ID) + "/notice"
	version := policy.Current.NoticeVersion()
	if got := w.call(bearer, "GET", path, "", 200); got["version"] != version || got["current"] != false || len(got["notices"].([]any)) == 0 {
		t.Fatalf("before: %v", got)
	}
	w.call(bearer, "POST", path, `{"version":"older"}`, 409)
	w.call(bearer, "POST", path, fmt.Sprintf(`{"version":%q}`, version), 200)
	w.now = w.now.Add(time.Hour)
	got := w.call(bearer, "POST", path, fmt.Sprintf(`{"version":%q}`, version), 200)
	published := got["published"].([]any)
	if got["current"] != true || len(published) != 1 || published[0].(map[string]any)["at"] != "2026-11-23T12:00:00Z" {
		t.Errorf("after: %v", got)
	}
}

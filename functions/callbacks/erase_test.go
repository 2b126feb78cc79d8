package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// A visitor erases their request by their own link: it is gone, and one receipt without any of it stays.
func TestErasureByLinkLeavesOneReceipt(t *testing.T) {
	_, env := localtest.Dynamo(t)
	db := store.Open(func(name string) string { return env[name] })
	s := apitest.AllDoors(db)
	now := time.Now()
	site := &connect.Site{
		ID: connect.NewSiteID(), Account: connect.NewAccountID(), Key: connect.NewSiteKey(), Name: "Shop",
		TimeZone:      "Europe/London",
		RetentionDays: 90, CreatedAt: now,
	}
	ctx := context.Background()
	if err := s.AddSite(ctx, site); err != nil {
		t.Fatal(err)
	}
	h := app(
		slog.New(slog.DiscardHandler), db, token.NewLinks(make([]byte, 32)), receipt.Open(make([]byte, 32), 30),
		"https://mi.example", web.NewCDN(""), func() time.Time { return now },
	)
	call := func(method, path, body string, want int) []byte {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Idempotency-Key", "0123456789")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, want)
		}
		return w.Body.Bytes()
	}
	var made struct{ ManageURL string }
	body := `{"site":"` + string(site.Key) +
		`","name":"Vera","phone":"07700 900123","email":"vera@example.com","page":"https://shop.example/"}`
	if err := json.Unmarshal(call("POST", "/v1/callbacks", body, 201), &made); err != nil {
		t.Fatal(err)
	}
	_, link, _ := strings.Cut(made.ManageURL, "token=")
	call("GET", "/v1/callbacks/"+link, "", 200)
	for range 3 {
		call("DELETE", "/v1/callbacks/"+link, "", 204)
	}
	call("GET", "/v1/callbacks/"+link, "", 404)
	dump := func(name string) string {
		table := env[name]
		out, err := localtest.Server(t).Client.Scan(ctx, &dynamodb.ScanInput{TableName: &table})
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(out.Items)
		return string(text)
	}
	if got := dump("CALLBACKS_TABLE"); got != "[]" {
		t.Errorf("left: %s", got)
	}
	receipts, _, err := s.Erasures(ctx, site.ID, "", now)
	if err != nil || len(receipts) != 1 || receipts[0].Via != connect.ViaLink || receipts[0].Count != 1 {
		t.Errorf("receipts %v %v", receipts, err)
	}
	// Nowhere, not even in the mark of the idempotency key.
	for name := range env {
		if strings.HasSuffix(name, "_TABLE") {
			for _, personal := range []string{"7700900123", "vera@example", "Vera"} {
				if strings.Contains(dump(name), personal) {
					t.Errorf("%s still holds %q", name, personal)
				}
			}
		}
	}
}

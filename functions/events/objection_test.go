package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// An objection that only the browser's header tells of is heeded by the server: nothing is written, not
// even as filtered.
func TestObjectionByHeaderWritesNothing(t *testing.T) {
	_, env := localtest.Dynamo(t)
	db := store.Open(func(name string) string { return env[name] })
	s := apitest.AllDoors(db)
	site := &connect.Site{
		ID: connect.NewSiteID(), Account: connect.NewAccountID(), Key: connect.NewSiteKey(), Name: "S",
		TimeZone: "Europe/London", CreatedAt: time.Now(),
	}
	if err := s.AddSite(context.Background(), site); err != nil {
		t.Fatal(err)
	}
	h := app(slog.New(slog.DiscardHandler), db, web.NewCDN(""), time.Now)
	send := func(header, value string) int32 {
		t.Helper()
		body := `{"site":"` + string(site.Key) + `","session":"` + strings.Repeat("a", 22) +
			`","page":"/","events":[{"type":"impression","t":1}]}`
		r := httptest.NewRequest("POST", "/v1/events", strings.NewReader(body))
		r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36")
		if header != "" {
			r.Header.Set(header, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusAccepted {
			t.Fatalf("%s: %s: %d %s", header, value, w.Code, w.Body)
		}
		table := env["VISITS_TABLE"]
		out, err := localtest.Server(t).Client.Scan(context.Background(), &dynamodb.ScanInput{TableName: &table})
		if err != nil {
			t.Fatal(err)
		}
		return out.Count
	}
	for _, h := range [][2]string{{"Sec-GPC", "1"}, {"sec-gpc", "1"}, {"DNT", "1"}} {
		if n := send(h[0], h[1]); n != 0 {
			t.Errorf("%s: %s: %d visits stored", h[0], h[1], n)
		}
	}
	if n := send("", ""); n != 1 {
		t.Errorf("without an objection: %d visits stored, want 1", n)
	}
}

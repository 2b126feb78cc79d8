package stripe_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/shared/billing"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What `make stripe-setup` asks of an empty account has the shape that Stripe describes.
func TestSetup(t *testing.T) {
	mock := referee(t)
	var made []string
	var bodies []string
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if strings.HasPrefix(r.URL.Path, "/v1/products/") {
				w.WriteHeader(404)
				_, _ = io.WriteString(w, `{"error":{"type":"invalid_request_error","code":"resource_missing"}}`)
				return
			}
			_, _ = io.WriteString(w, `{"object":"list","data":[],"has_more":false,"url":"/v1/x"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		forward, _ := http.NewRequest(r.Method, mock+r.URL.Path, strings.NewReader(string(body)))
		forward.Header = r.Header.Clone()
		forward.Header.Set("Authorization", "Bearer sk_test_123")
		answer, err := http.DefaultClient.Do(forward)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	defer front.Close()
	client, err := billing.NewClient("sk_test_123", front.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Setup(
		context.Background(), "https://connect.example.com/v1/stripe/webhook", func(s string) { made = append(made, s) },
	); err != nil {
		t.Fatal(err)
	}
	if len(made) != 10 || len(bodies) != 10 {
		t.Fatalf("made %d, asked %d: %v", len(made), len(bodies), made)
	}
	all := strings.Join(bodies, "&\n")
	for _, want := range []string{
		"lookup_key=mi_starter_month", "unit_amount=1900&", "unit_amount=49000&", "tiers[0][flat_amount]=14900",
		"tiers[1][unit_amount]=900&", "tiers[1][up_to]=inf", "api_version=2023-10-16", "currency=gbp",
		"tax_behavior=exclusive",
	} {
		if !strings.Contains(strings.NewReplacer("%5B", "[", "%5D", "]").Replace(all)+"&", want) {
			t.Errorf("nobody asked for %s in\n%s", want, all)
		}
	}
	if connect.PlanOf("starter").Price(connect.Yearly) != 19000 {
		t.Error("two months of a year are not free")
	}
}

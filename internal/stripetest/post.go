package stripetest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
)

// Post brings a body with a signature header, none when that is "".
func Post(h http.Handler, body []byte, signature string) (int, string) {
	r := httptest.NewRequest(http.MethodPost, "/v1/stripe/webhook", bytes.NewReader(body))
	if signature != "" {
		r.Header.Set("Stripe-Signature", signature)
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer.Code, answer.Body.String()
}

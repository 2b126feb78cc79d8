package stack

import (
	"os"
	"path/filepath"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/shared/billing"
)

// startStripe decides who Stripe is: Stripe itself when a key is set, and else the stand-in. It returns the
// address of the API, "" for Stripe's own.
func (s *Stack) startStripe() (base string, err error) {
	if os.Getenv(billing.KeyName) != "" {
		if os.Getenv(billing.SecretsName) == "" {
			s.unrun = append(
				s.unrun, "Stripe's webhooks: set "+billing.SecretsName+" to what `stripe listen` prints (docs/billing.md)",
			)
		}
		return os.Getenv(billing.BaseName), nil
	}
	base = s.Origin + "/_local/stripe"
	s.Stripe, err = stripe.New(stripe.Options{
		Path: filepath.Join(s.options.DataDir, "stripe.json"), Base: base, Webhook: s.Origin + "/v1/stripe/webhook",
	})
	if err != nil {
		return "", err
	}
	s.closers = append(s.closers, s.Stripe)
	s.standIn = map[string]string{billing.KeyName: stripe.Key, billing.SecretsName: stripe.Secret}
	return base, nil
}

package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/shared/billing"
)

const (
	keySecret     = "StripeSecretKey"
	webhookSecret = "StripeWebhookSecrets"
)

// secret returns a secret's value, "" where it has none yet.
func (d *Doctor) secret(ctx context.Context, logical string) (string, error) {
	got, err := d.Cloud.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: d.resources[logical].PhysicalResourceId,
	})
	if cloud.Code(err) == "ResourceNotFoundException" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(aws.ToString(got.SecretString)), nil
}

// fill is the command that gives a secret its value.
func (d *Doctor) fill(logical, value string) string {
	return d.aws(
		"secretsmanager put-secret-value --secret-id %s --secret-string %s",
		aws.ToString(d.resources[logical].PhysicalResourceId), value,
	)
}

func secretsFilled(ctx context.Context, d *Doctor) Result {
	if r, none := d.noStack(); none {
		return r
	}
	var empty, next []string
	for _, id := range d.secretNames() {
		value, err := d.secret(ctx, id)
		switch {
		case err != nil:
			return unsure(fmt.Errorf("%s: %w", id, err))
		case value != "":
			continue
		}
		empty = append(empty, id)
		switch id {
		case keySecret:
			next = append(next, d.fill(id, "sk_live_..."))
		case webhookSecret:
			next = append(next, d.fill(id, "whsec_..."))
		default:
			next = append(next, d.fill(id, "$(openssl rand -base64 32)"))
		}
	}
	if len(empty) > 0 {
		return notYet(strings.Join(next, "\n"), "without a value: %s", strings.Join(empty, ", "))
	}
	return ok("%s", strings.Join(d.secretNames(), ", "))
}

func (d *Doctor) secretNames() (names []string) {
	for id, r := range d.resources {
		if aws.ToString(r.ResourceType) == "AWS::SecretsManager::Secret" {
			names = append(names, id)
		}
	}
	slices.Sort(names)
	return names
}

var errNoKey = errors.New("Stripe's key is not filled in")

func (d *Doctor) inspectStripe(ctx context.Context) (billing.Inspection, error) {
	key, err := d.secret(ctx, keySecret)
	if err != nil {
		return billing.Inspection{}, err
	}
	if key == "" {
		return billing.Inspection{}, errNoKey
	}
	client, err := d.Stripe(key)
	if err != nil {
		return billing.Inspection{}, err
	}
	return client.Inspect(ctx, d.webhook())
}

func (d *Doctor) webhook() string { return d.origin() + "/v1/stripe/webhook" }

// setup is the command that makes at Stripe what is missing there.
func (d *Doctor) setup() string {
	return "STRIPE_SECRET_KEY=sk_live_... make stripe-setup WEBHOOK=" + d.webhook()
}

// found returns what Stripe says, or the result of a check that cannot ask.
func (d *Doctor) found() (billing.Inspection, Result, bool) {
	if r, none := d.noStack(); none {
		return billing.Inspection{}, r, false
	}
	got, err := d.stripe()
	switch {
	case errors.Is(err, errNoKey):
		return got, cannotTell(d.fill(keySecret, "sk_live_..."), "%v", err), false
	case err != nil:
		return got, unsure(err), false
	}
	return got, Result{}, true
}

func stripeKey(_ context.Context, d *Doctor) Result {
	got, r, found := d.found()
	switch {
	case !found && r.Detail == errNoKey.Error():
		return notYet(r.Next, "%s", r.Detail)
	case !found:
		return r
	case got.Refused:
		return notYet(d.fill(keySecret, "sk_live_..."), "Stripe refuses the key")
	case !got.Live && d.Stage.Name == "prod":
		return notYet(d.fill(keySecret, "sk_live_..."), "a key of test mode: nobody is charged")
	case !got.Live:
		return ok("test mode")
	}
	return ok("live mode")
}

func stripePrices(_ context.Context, d *Doctor) Result {
	got, r, found := d.found()
	switch {
	case !found:
		return r
	case got.Refused:
		return cannotTell(d.fill(keySecret, "sk_live_..."), "Stripe refuses the key")
	case len(got.MissingPrices) > 0:
		return notYet(d.setup(), "missing or of another amount: %s", strings.Join(got.MissingPrices, ", "))
	}
	return ok("those of all plans")
}

func stripeWebhook(_ context.Context, d *Doctor) Result {
	got, r, found := d.found()
	switch {
	case !found:
		return r
	case got.Refused:
		return cannotTell(d.fill(keySecret, "sk_live_..."), "Stripe refuses the key")
	case got.Endpoint == "":
		return notYet(
			d.setup()+"\nand put the signing secret that it prints:\n"+d.fill(webhookSecret, "whsec_..."), "no endpoint for %s",
			d.webhook(),
		)
	case !got.Enabled:
		return notYet(
			"open https://dashboard.stripe.com/webhooks/"+got.Endpoint+" and enable it", "%s is disabled", got.Endpoint,
		)
	case len(got.MissingEvents) > 0:
		return notYet(d.setup(), "%s does not send %s", got.Endpoint, strings.Join(got.MissingEvents, ", "))
	}
	return ok("%s sends to %s", got.Endpoint, d.webhook())
}

func stripeVersion(_ context.Context, d *Doctor) Result {
	got, r, found := d.found()
	switch {
	case !found:
		return r
	case got.Refused || got.Endpoint == "":
		return cannotTell(d.setup(), "there is no endpoint to look at")
	case got.APIVersion != billing.APIVersion:
		return notYet(
			"open https://dashboard.stripe.com/webhooks/"+got.Endpoint+", delete it, then "+d.setup(),
			"%s sends version %s; %s is needed", got.Endpoint, got.APIVersion, billing.APIVersion,
		)
	}
	return ok("%s", got.APIVersion)
}

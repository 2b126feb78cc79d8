package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
)

var denied = failure("AccessDeniedException", "User is not authorized to perform this")

// reds is every way in which a check is not green, with what the next command must hold.
var reds = []struct {
	check string
	what  string
	with  func(*world)
	state State
	next  string
}{
	{
		"credentials", "none", func(w *world) { w.answers["GetCallerIdentity"] = failure("InvalidClientTokenId", "no") },
		NotYet, "aws configure",
	},
	{"credentials", "another account", func(w *world) { w.stage.Account = "999999999999" }, NotYet, "AWS_PROFILE="},
	{
		"region", "not opted in",
		func(w *world) { w.answers["GetAccountSettings"] = failure("UnrecognizedClientException", "no") }, NotYet,
		"aws account enable-region --region-name eu-west-2",
	},
	{"region", "not allowed", func(w *world) { w.answers["GetAccountSettings"] = denied }, CannotTell, "AWS_PROFILE="},
	{"Lambda concurrency", "a new account", func(w *world) {
		w.answers["GetAccountSettings"] = &lambda.GetAccountSettingsOutput{
			AccountLimit: &lambdatypes.AccountLimit{ConcurrentExecutions: 10},
		}
	}, NotYet, "request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000"},
	{
		"Lambda concurrency", "not allowed", func(w *world) { w.answers["GetAccountSettings"] = denied }, CannotTell,
		"AWS_PROFILE=",
	},
	{"stack", "none", func(w *world) {
		w.answers["DescribeStacks"] = failure("ValidationError", "Stack with id x does not exist")
	}, NotYet, "make deploy STAGE=prod"},
	{
		"stack", "half made", func(w *world) { w.stack.StackStatus = cfn.StackStatusCreateFailed }, NotYet,
		"make deploy STAGE=prod",
	},
	{
		"stack", "on its way", func(w *world) { w.stack.StackStatus = cfn.StackStatusUpdateInProgress }, NotYet,
		"make deploy STAGE=prod",
	},
	{"stack", "not allowed", func(w *world) { w.answers["DescribeStacks"] = denied }, CannotTell, "AWS_PROFILE="},
	{
		"domain delegated", "to nobody", func(w *world) { delete(w.ns, "example.com") }, NotYet,
		"name these servers: ns1.awsdns.com, ns2.awsdns.com",
	},
	{
		"domain delegated", "to others", func(w *world) { w.ns["example.com"] = []string{"ns.old.example."} }, NotYet,
		"name these servers",
	},
	{"domain delegated", "elsewhere, to nobody", func(w *world) { w.ns = nil }, NotYet, "register the domain"},
	{
		"domain delegated", "DNS is away", func(w *world) { w.dns = &net.DNSError{Err: "timeout", IsTimeout: true} },
		CannotTell, "again",
	},
	{
		"certificate issued", "none", func(w *world) { w.cert = acmtypes.CertificateDetail{} }, NotYet,
		"make deploy STAGE=prod",
	},
	{
		"certificate issued", "waits", func(w *world) { w.cert.Status = acmtypes.CertificateStatusPendingValidation }, NotYet,
		"_x.connect.example.com  CNAME  _y.acm-validations.aws.",
	},
	{
		"certificate issued", "failed", func(w *world) { w.cert.Status = acmtypes.CertificateStatusFailed }, NotYet,
		"delete-certificate --region us-east-1",
	},
	{"certificate issued", "given and not there", func(w *world) {
		w.stage.Parameters["CertificateArn"] = "arn:x"
		w.answers["DescribeCertificate"] = failure("ResourceNotFoundException", "no")
	}, NotYet, "correct CertificateArn in stages/prod.conf"},
	{
		"certificate issued", "not allowed", func(w *world) { w.answers["ListCertificates"] = denied }, CannotTell,
		"AWS_PROFILE=",
	},
	{
		"domain leads to the CDN", "not in DNS", func(w *world) { delete(w.cname, domain) }, NotYet,
		domain + "  CNAME  " + cdn,
	},
	{
		"domain leads to the CDN", "elsewhere", func(w *world) { w.hosts[domain] = []string{"198.51.100.7"} }, NotYet,
		domain + "  CNAME  " + cdn,
	},
	{"domain leads to the CDN", "DNS is away", func(w *world) { w.dns = errors.New("no network") }, CannotTell, "again"},
	{
		"SES: sender's domain verified", "not known",
		func(w *world) { w.answers["GetEmailIdentity"] = failure("NotFoundException", "no") }, NotYet,
		"make deploy STAGE=prod",
	},
	{
		"SES: sender's domain verified", "waits", func(w *world) { w.identity.VerifiedForSendingStatus = false }, NotYet,
		"t1._domainkey.example.com  CNAME  t1.dkim.amazonses.com",
	},
	{
		"SES: sender's domain verified", "not allowed", func(w *world) { w.answers["GetEmailIdentity"] = denied }, CannotTell,
		"AWS_PROFILE=",
	},
	{
		"SES: DKIM", "off", func(w *world) { w.identity.DkimAttributes.SigningEnabled = false }, NotYet,
		"put-email-identity-dkim-attributes --email-identity example.com --signing-enabled",
	},
	{
		"SES: DKIM", "waits", func(w *world) { w.identity.DkimAttributes.Status = ses.DkimStatusPending }, NotYet,
		"t1._domainkey.example.com",
	},
	{
		"SES: MAIL FROM domain", "none", func(w *world) { w.identity.MailFromAttributes = nil }, NotYet,
		"--mail-from-domain bounce.example.com",
	},
	{
		"SES: MAIL FROM domain", "waits",
		func(w *world) { w.identity.MailFromAttributes.MailFromDomainStatus = ses.MailFromDomainStatusPending }, NotYet,
		"bounce.example.com  MX  10 feedback-smtp.eu-west-2.amazonses.com",
	},
	{
		"DNS: SPF", "none", func(w *world) { delete(w.txt, "bounce.example.com") }, NotYet,
		"bounce.example.com  TXT  v=spf1 include:amazonses.com -all",
	},
	{
		"DNS: SPF", "of another service",
		func(w *world) { w.txt["bounce.example.com"] = []string{"v=spf1 include:other.example -all"} }, NotYet,
		"v=spf1 include:amazonses.com -all",
	},
	{"DNS: SPF", "DNS is away", func(w *world) { w.dns = errors.New("no network") }, CannotTell, "again"},
	{
		"DNS: DMARC", "none", func(w *world) { delete(w.txt, "_dmarc.example.com") }, NotYet,
		"_dmarc.example.com  TXT  v=DMARC1; p=none",
	},
	{
		"SES: out of the sandbox", "in it", func(w *world) { w.account.ProductionAccessEnabled = false }, NotYet,
		"put-account-details --production-access-enabled",
	},
	{
		"SES: out of the sandbox", "stopped by AWS", func(w *world) { w.account.EnforcementStatus = aws.String("PROBATION") },
		NotYet, "reputation",
	},
	{
		"SES: out of the sandbox", "not allowed", func(w *world) { w.answers["GetAccount"] = denied }, CannotTell,
		"AWS_PROFILE=",
	},
	{"SES: bounces and complaints", "not suppressed", func(w *world) {
		w.account.SuppressionAttributes.SuppressedReasons = []ses.SuppressionListReason{"BOUNCE"}
	}, NotYet, "put-account-suppression-attributes --suppressed-reasons BOUNCE COMPLAINT"},
	{
		"SES: bounces and complaints", "told to nobody", func(w *world) { w.identity.FeedbackForwardingStatus = false },
		NotYet, "put-email-identity-feedback-attributes",
	},
	{
		"alarms: subscription confirmed", "none", func(w *world) { w.confirmed = nil }, NotYet,
		"set AlarmEmail in stages/prod.conf",
	},
	{
		"alarms: subscription confirmed", "waits",
		func(w *world) { w.confirmed[0].SubscriptionArn = aws.String("PendingConfirmation") }, NotYet,
		"sns subscribe --topic-arn " + topic,
	},
	{
		"alarms: subscription confirmed", "not allowed", func(w *world) { w.answers["ListSubscriptionsByTopic"] = denied },
		CannotTell, "AWS_PROFILE=",
	},
	{
		"alarms: a test alarm arrived", "never sent", func(w *world) { w.topic = nil }, NotYet,
		"make doctor STAGE=prod ALARM_CODE=send",
	},
	{
		"alarms: a test alarm arrived", "sent",
		func(w *world) { w.topic = []snstypes.Tag{{Key: aws.String(sentTag), Value: aws.String("ABC123")}} }, NotYet,
		"ALARM_CODE=<the code in the mail>",
	},
	{
		"secrets: filled", "Stripe's are empty", func(w *world) { w.secrets["StripeSecretKey"] = "" }, NotYet,
		"secretsmanager put-secret-value --secret-id prod-StripeSecretKey --secret-string sk_live_...",
	},
	{
		"secrets: filled", "not allowed", func(w *world) { w.answers["GetSecretValue"] = denied }, CannotTell, "AWS_PROFILE=",
	},
	{
		"Stripe: key", "empty", func(w *world) { w.secrets["StripeSecretKey"] = "" }, NotYet,
		"put-secret-value --secret-id prod-StripeSecretKey",
	},
	{
		"Stripe: key", "refused", func(w *world) { w.stripe.Refused = true }, NotYet,
		"put-secret-value --secret-id prod-StripeSecretKey",
	},
	{
		"Stripe: key", "of test mode", func(w *world) { w.stripe.Live = false }, NotYet,
		"put-secret-value --secret-id prod-StripeSecretKey",
	},
	{"Stripe: key", "Stripe is away", func(w *world) { w.stripeErr = errors.New("no answer") }, CannotTell, "again"},
	{
		"Stripe: products and prices", "missing", func(w *world) { w.stripe.MissingPrices = []string{"mi_starter_month"} },
		NotYet, "make stripe-setup WEBHOOK=https://connect.example.com/v1/stripe/webhook",
	},
	{
		"Stripe: products and prices", "key refused", func(w *world) { w.stripe.Refused = true }, CannotTell,
		"put-secret-value",
	},
	{
		"Stripe: webhook", "none", func(w *world) { w.stripe.Endpoint = "" }, NotYet,
		"put-secret-value --secret-id prod-StripeWebhookSecrets --secret-string whsec_...",
	},
	{"Stripe: webhook", "disabled", func(w *world) { w.stripe.Enabled = false }, NotYet, "webhooks/we_1 and enable it"},
	{
		"Stripe: webhook", "an event is missing", func(w *world) { w.stripe.MissingEvents = []string{"invoice.paid"} },
		NotYet, "make stripe-setup",
	},
	{
		"Stripe: webhook's API version", "another", func(w *world) { w.stripe.APIVersion = "2026-01-01" }, NotYet,
		"delete it, then STRIPE_SECRET_KEY=",
	},
	{
		"Stripe: webhook's API version", "no endpoint", func(w *world) { w.stripe.Endpoint = "" }, CannotTell,
		"make stripe-setup",
	},
}

func TestGreen(t *testing.T) {
	for _, r := range healthy(t).doctor().Examine(t.Context()) {
		if r.State != OK || r.Next != "" {
			t.Errorf("%+v", r)
		}
	}
}

func TestRed(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range reds {
		tried[c.check] = true
		t.Run(c.check+", "+c.what, func(t *testing.T) {
			w := healthy(t)
			c.with(w)
			results := w.doctor().Examine(t.Context())
			if Green(results) {
				t.Error("all is green")
			}
			for _, r := range results {
				if r.Check == c.check && (r.State != c.state || !strings.Contains(r.Next, c.next)) {
					t.Errorf("%+v, want %s with %q", r, c.state, c.next)
				}
				if r.State != OK && r.Next == "" {
					t.Errorf("%+v says no next step", r)
				}
			}
		})
	}
	for _, c := range checks {
		if !tried[c.name] {
			t.Errorf("%s is never red", c.name)
		}
	}
}

// Without a domain, and with mail by SMTP, what is not used is not asked for.
func TestNotUsed(t *testing.T) {
	w := healthy(t)
	w.stage.Domain = ""
	w.has = []string{rung}
	w.answers["GetEmailIdentity"], w.answers["ListCertificates"] = denied, denied
	w.txt["example.com"] = []string{"v=spf1 mx -all"}
	if results := w.doctor().Examine(t.Context()); !Green(results) {
		t.Errorf("%+v", results)
	}
}

// Only who has read the mail knows the code.
func TestTheTestAlarm(t *testing.T) {
	w := healthy(t)
	w.topic = nil
	var said string
	w.answers["SetAlarmState"] = &cloudwatch.SetAlarmStateOutput{}
	d := w.doctor()
	if err := d.SendTestAlarm(t.Context()); err != nil {
		t.Fatal(err)
	}
	said = *w.topic[0].Value
	if err := d.AlarmArrived(t.Context(), "WRONG1", time.Now()); err == nil {
		t.Error("a wrong code was taken")
	}
	if Green(d.Examine(t.Context())) {
		t.Error("green before it arrived")
	}
	if err := d.AlarmArrived(t.Context(), strings.ToLower(said)+" ", time.Now()); err != nil {
		t.Fatal(err)
	}
	if !Green(d.Examine(t.Context())) {
		t.Error("not green after it arrived")
	}
}

func TestPrint(t *testing.T) {
	results := []Result{
		{Check: "a", State: OK, Detail: "x"}, {Check: "b", State: NotYet, Detail: "<y>", Next: "make b\nmake c"},
	}
	var text, asJSON bytes.Buffer
	if err := Print(&text, results, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"ok ", "not yet ", "next: make b\n                   make c", "1 ok, 1 not yet, 0 cannot tell",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, &text)
		}
	}
	var again []Result
	if err := Print(&asJSON, results, true); err != nil || json.Unmarshal(asJSON.Bytes(), &again) != nil ||
		again[1] != results[1] || !strings.Contains(asJSON.String(), "<y>") {
		t.Errorf("%v: %s", err, &asJSON)
	}
}

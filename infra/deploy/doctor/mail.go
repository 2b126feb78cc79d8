package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/rollout"
)

// ses returns the sender's identity, or the result of a check that has none to look at.
func (d *Doctor) ses() (*sesv2.GetEmailIdentityOutput, Result, bool) {
	if r, none := d.noStack(); none {
		return nil, r, false
	}
	if !rollout.UsesSES(d.resources) {
		return nil, ok("not used: mail leaves by MailUrl"), false
	}
	identity, err := d.identity()
	switch {
	case cloud.Code(err) == "NotFoundException":
		return nil, notYet("make deploy STAGE="+d.Stage.Name, "Amazon SES does not know %s", d.domain), false
	case err != nil:
		return nil, unsure(err), false
	}
	return identity, Result{}, true
}

// mailRecords are the DNS records of the sender's domain, one a line.
func (d *Doctor) mailRecords(identity *sesv2.GetEmailIdentityOutput) string {
	var tokens []string
	if identity.DkimAttributes != nil {
		tokens = identity.DkimAttributes.Tokens
	}
	records, _ := rollout.MailRecords(d.domain, d.Stage.Region, tokens)
	lines := []string{"make these DNS records, and wait up to 72 hours:"}
	for _, r := range records {
		lines = append(lines, "  "+r.String())
	}
	return strings.Join(lines, "\n")
}

func verified(_ context.Context, d *Doctor) Result {
	identity, r, found := d.ses()
	if !found {
		return r
	}
	if !identity.VerifiedForSendingStatus {
		return notYet(d.mailRecords(identity), "%s is at %s", d.domain, identity.VerificationStatus)
	}
	return ok("%s", d.domain)
}

func dkim(_ context.Context, d *Doctor) Result {
	identity, r, found := d.ses()
	if !found {
		return r
	}
	a := identity.DkimAttributes
	if a == nil || !a.SigningEnabled {
		return notYet(
			d.aws("sesv2 put-email-identity-dkim-attributes --email-identity %s --signing-enabled", d.domain),
			"mails are not signed",
		)
	}
	if a.Status != types.DkimStatusSuccess {
		return notYet(d.mailRecords(identity), "its keys in DNS are at %s", a.Status)
	}
	return ok("mails are signed for %s", d.domain)
}

func mailFrom(_ context.Context, d *Doctor) Result {
	identity, r, found := d.ses()
	if !found {
		return r
	}
	a := identity.MailFromAttributes
	if a == nil || aws.ToString(a.MailFromDomain) == "" {
		return notYet(d.aws(
			"sesv2 put-email-identity-mail-from-attributes --email-identity %s --mail-from-domain %s", d.domain,
			rollout.BounceDomain(d.domain),
		),
			"bounces go to amazonses.com, so SPF does not speak for %s", d.domain)
	}
	if a.MailFromDomainStatus != types.MailFromDomainStatusSuccess {
		return notYet(d.mailRecords(identity), "%s is at %s", aws.ToString(a.MailFromDomain), a.MailFromDomainStatus)
	}
	return ok("%s", aws.ToString(a.MailFromDomain))
}

// spf is looked for where mail services look: at the MAIL FROM domain with SES, at the sender's own otherwise.
func spf(ctx context.Context, d *Doctor) Result {
	if r, none := d.noStack(); none {
		return r
	}
	name, want := rollout.BounceDomain(d.domain), "include:amazonses.com"
	if !rollout.UsesSES(d.resources) {
		name, want = d.domain, ""
	} else if identity, err := d.identity(); err == nil && identity.MailFromAttributes != nil &&
		aws.ToString(identity.MailFromAttributes.MailFromDomain) != "" {
		name = aws.ToString(identity.MailFromAttributes.MailFromDomain)
	}
	next := "make this DNS record: " +
		rollout.Record{Name: name, Type: "TXT", Value: strings.TrimSpace("v=spf1 "+want) + " -all"}.String()
	if want == "" {
		next = "make the TXT record of " + name + " that your mail service names for SPF"
	}
	return d.txt(ctx, name, "v=spf1", want, next)
}

func dmarc(ctx context.Context, d *Doctor) Result {
	if d.domain == "" {
		return cannotTell("correct MailFrom in stages/"+d.Stage.Name+".conf", "MailFrom is not understood")
	}
	_, record := rollout.MailRecords(d.domain, d.Stage.Region, nil)
	// A domain without a policy of its own has that of the one above it.
	here := d.txt(ctx, record.Name, "v=DMARC1", "", "make this DNS record: "+record.String())
	if _, above, cut := strings.Cut(d.domain, "."); here.State == NotYet && cut && strings.Contains(above, ".") {
		if there := d.txt(ctx, "_dmarc."+above, "v=DMARC1", "", ""); there.State == OK {
			return there
		}
	}
	return here
}

// txt looks for a TXT record that begins with one text and holds another.
func (d *Doctor) txt(ctx context.Context, name, begins, holds, next string) Result {
	all, err := d.DNS.LookupTXT(ctx, name)
	if err != nil && !absent(err) {
		return unsure(err)
	}
	i := slices.IndexFunc(all, func(t string) bool { return strings.HasPrefix(t, begins) })
	switch {
	case i < 0:
		return notYet(next, "%s has no TXT record %s", name, begins)
	case !strings.Contains(all[i], holds):
		return notYet(next, "%s says %q, without %s", name, all[i], holds)
	}
	return ok("%s: %s", name, all[i])
}

func sandbox(ctx context.Context, d *Doctor) Result {
	if _, r, found := d.ses(); !found && r.State != NotYet {
		return r
	}
	got, err := d.Cloud.Mail.GetAccount(ctx, &sesv2.GetAccountInput{})
	switch {
	case err != nil:
		return unsure(err)
	case !got.ProductionAccessEnabled:
		return notYet(d.aws("sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL "+
			"--website-url %s"+
			" --contact-language EN --use-case-description \"Confirmations, invitations and security mails to people who "+
			"registered; bounces and complaints are suppressed.\"", d.origin()),
			"mail reaches addresses that you verified, and nobody else; AWS decides on the request within a day")
	case !got.SendingEnabled || aws.ToString(got.EnforcementStatus) != "HEALTHY":
		return notYet("open https://console.aws.amazon.com/ses/home?region="+d.Stage.Region+
			"#/reputation and follow what AWS asks for",
			"AWS has the account at %s, sending %v", aws.ToString(got.EnforcementStatus), got.SendingEnabled)
	}
	return ok("mail reaches everybody")
}

func bounces(ctx context.Context, d *Doctor) Result {
	identity, r, found := d.ses()
	if !found {
		return r
	}
	got, err := d.Cloud.Mail.GetAccount(ctx, &sesv2.GetAccountInput{})
	if err != nil {
		return unsure(err)
	}
	var reasons []types.SuppressionListReason
	if got.SuppressionAttributes != nil {
		reasons = got.SuppressionAttributes.SuppressedReasons
	}
	if !slices.Contains(reasons, types.SuppressionListReasonBounce) ||
		!slices.Contains(reasons, types.SuppressionListReasonComplaint) {
		return notYet(d.aws("sesv2 put-account-suppression-attributes --suppressed-reasons BOUNCE COMPLAINT"),
			"addresses that bounce or complain are written to again (%s)", strings.Trim(fmt.Sprint(reasons), "[]"))
	}
	if !identity.FeedbackForwardingStatus {
		return notYet(d.aws(
			"sesv2 put-email-identity-feedback-attributes --email-identity %s --email-forwarding-enabled", d.domain,
		),
			"nobody is told of a bounce or complaint")
	}
	return ok("suppressed, and forwarded to the sender's address")
}

package rollout

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
)

// MailDomain is the domain after the @ of MailFrom.
func MailDomain(s *stage.Stage) (string, error) {
	a, err := mail.ParseAddress(s.Parameters["MailFrom"])
	if err != nil {
		return "", fmt.Errorf("MailFrom: %w", err)
	}
	return strings.ToLower(a.Address[strings.LastIndex(a.Address, "@")+1:]), nil
}

// BounceDomain is the MAIL FROM domain, which mail services check SPF for.
func BounceDomain(mailDomain string) string { return "bounce." + mailDomain }

// MailRecords are what a mail domain needs in DNS: DKIM's keys, the MAIL FROM domain with SPF, and a DMARC policy,
// which is only a beginning (p=none) and left alone where there is one.
func MailRecords(domain, region string, tokens []string) (records []Record, dmarc Record) {
	for _, t := range tokens {
		records = append(records, Record{t + "._domainkey." + domain, "CNAME", t + ".dkim.amazonses.com"})
	}
	bounce := BounceDomain(domain)
	return append(records,
		Record{bounce, "MX", "10 feedback-smtp." + region + ".amazonses.com"},
		Record{bounce, "TXT", "v=spf1 include:amazonses.com -all"},
	), Record{"_dmarc." + domain, "TXT", "v=DMARC1; p=none; rua=mailto:postmaster@" + domain}
}

// mail tells Amazon SES of the sender's domain and makes its DNS records. To be let out of the sandbox is a person's.
func (r *Rollout) mail(ctx context.Context) error {
	resources, err := r.Cloud.Resources(ctx, r.Stage.Stack())
	if err != nil {
		return err
	}
	if !UsesSES(resources) {
		r.say("nothing to do: mail leaves by MailUrl")
		return nil
	}
	domain, err := MailDomain(r.Stage)
	if err != nil {
		return err
	}
	identity, err := r.ensureIdentity(ctx, domain)
	if err != nil {
		return err
	}
	if identity.MailFromAttributes == nil || aws.ToString(identity.MailFromAttributes.MailFromDomain) == "" {
		r.changed = true
		_, err = r.Cloud.Mail.PutEmailIdentityMailFromAttributes(ctx, &sesv2.PutEmailIdentityMailFromAttributesInput{
			EmailIdentity: &domain, MailFromDomain: aws.String(BounceDomain(domain)),
			BehaviorOnMxFailure: types.BehaviorOnMxFailureUseDefaultValue,
		})
		if err != nil {
			return err
		}
	}
	return r.mailRecords(ctx, domain, identity)
}

func (r *Rollout) ensureIdentity(ctx context.Context, domain string) (*sesv2.GetEmailIdentityOutput, error) {
	get := &sesv2.GetEmailIdentityInput{EmailIdentity: &domain}
	got, err := r.Cloud.Mail.GetEmailIdentity(ctx, get)
	if cloud.Code(err) != "NotFoundException" {
		return got, err
	}
	r.changed = true
	r.say("telling Amazon SES of %s", domain)
	// Not tagged for the stage: it may be another stage's sender too, and stays when a stage is taken away.
	if _, err := r.Cloud.Mail.CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{
		EmailIdentity: &domain,
	}); err != nil {
		return nil, err
	}
	return r.Cloud.Mail.GetEmailIdentity(ctx, get)
}

func (r *Rollout) mailRecords(ctx context.Context, domain string, identity *sesv2.GetEmailIdentityOutput) error {
	var tokens []string
	if d := identity.DkimAttributes; d != nil {
		tokens = d.Tokens
	}
	records, dmarc := MailRecords(domain, r.Stage.Region, tokens)
	zone := r.zone // of the dashboard's domain, which may be another
	defer func() { r.zone = zone }()
	var err error
	if r.zone, err = r.ZoneOf(ctx, domain); err != nil {
		return err
	}
	if r.zone == "" {
		if identity.VerifiedForSendingStatus {
			r.say("%s is verified", domain)
			return nil
		}
		r.say("no zone of Route 53 in this account has %s: its records are listed at the end", domain)
		for _, rec := range append(records, dmarc) {
			if err := r.record(ctx, rec); err != nil {
				return err
			}
		}
		return nil
	}
	for _, rec := range records {
		if err := r.record(ctx, rec); err != nil {
			return err
		}
	}
	if have, err := r.recordSet(ctx, dmarc.Name, "TXT"); err != nil || have != nil {
		return err
	}
	return r.record(ctx, dmarc)
}

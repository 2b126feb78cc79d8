package doctor

import (
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	static "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
	"github.com/mi-telecom/mi-connect/shared/billing"
)

// world is a deployment for which everything was done. A case takes one thing away.
type world struct {
	t       *testing.T
	stage   *stage.Stage
	answers map[string]any // by operation: an output, or an error
	secrets map[string]string
	stack   cfn.Stack
	has     []string // resources

	ns    map[string][]string
	cname map[string]string
	hosts map[string][]string
	txt   map[string][]string
	dns   error // of every question

	account   sesv2.GetAccountOutput
	identity  sesv2.GetEmailIdentityOutput
	cert      acmtypes.CertificateDetail
	topic     []snstypes.Tag
	confirmed []snstypes.Subscription
	stripe    billing.Inspection
	stripeErr error
}

const (
	domain = "connect.example.com"
	cdn    = "d1.cloudfront.net"
	topic  = "arn:aws:sns:eu-west-2:123456789012:Alarms"
)

func healthy(t *testing.T) *world {
	output := func(k, v string) cfn.Output { return cfn.Output{OutputKey: &k, OutputValue: &v} }
	return &world{
		t: t,
		stage: &stage.Stage{
			Name: "prod", Region: "eu-west-2", Account: "123456789012", Domain: domain,
			Parameters: map[string]string{"MailFrom": "Mi <no-reply@example.com>"},
		},
		answers: map[string]any{},
		secrets: map[string]string{"StripeSecretKey": "sk_live_1", "StripeWebhookSecrets": "whsec_1", "TokenKey": "k"},
		stack: cfn.Stack{
			StackStatus: cfn.StackStatusUpdateComplete,
			Outputs:     []cfn.Output{output("CdnDomain", cdn), output("AlarmTopic", topic)},
		},
		has:   []string{"BouncesAlarm", rung},
		ns:    map[string][]string{"example.com": {"ns2.awsdns.com.", "ns1.awsdns.com."}},
		cname: map[string]string{domain: domain + "."},
		hosts: map[string][]string{domain: {"192.0.2.1"}, cdn: {"192.0.2.2", "192.0.2.1"}},
		txt: map[string][]string{
			"bounce.example.com": {"v=spf1 include:amazonses.com -all"}, "_dmarc.example.com": {"v=DMARC1; p=none"},
		},
		account: sesv2.GetAccountOutput{
			ProductionAccessEnabled: true, SendingEnabled: true, EnforcementStatus: aws.String("HEALTHY"),
			SuppressionAttributes: &ses.SuppressionAttributes{
				SuppressedReasons: []ses.SuppressionListReason{"BOUNCE", "COMPLAINT"},
			},
		},
		identity: sesv2.GetEmailIdentityOutput{
			VerifiedForSendingStatus: true, FeedbackForwardingStatus: true,
			DkimAttributes: &ses.DkimAttributes{SigningEnabled: true, Status: ses.DkimStatusSuccess, Tokens: []string{"t1"}},
			MailFromAttributes: &ses.MailFromAttributes{
				MailFromDomain: aws.String("bounce.example.com"), MailFromDomainStatus: ses.MailFromDomainStatusSuccess,
			},
		},
		cert: acmtypes.CertificateDetail{
			CertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/1"), DomainName: aws.String(domain),
			Status: acmtypes.CertificateStatusIssued,
			DomainValidationOptions: []acmtypes.DomainValidation{
				{
					ResourceRecord: &acmtypes.ResourceRecord{
						Name: aws.String("_x." + domain + "."), Type: "CNAME", Value: aws.String("_y.acm-validations.aws."),
					},
				},
			},
		},
		topic: []snstypes.Tag{{Key: aws.String(arrivedTag), Value: aws.String("2026-11-01")}},
		confirmed: []snstypes.Subscription{
			{SubscriptionArn: aws.String(topic + ":1"), Endpoint: aws.String("ops@example.com")},
		},
		stripe: billing.Inspection{Live: true, Endpoint: "we_1", Enabled: true, APIVersion: billing.APIVersion},
	}
}

// Inspect is Stripe's part.
func (w *world) Inspect(context.Context, string) (billing.Inspection, error) {
	return w.stripe, w.stripeErr
}

func (w *world) doctor() *Doctor {
	w.identity.VerificationStatus = ses.VerificationStatusPending
	c := aws.Config{Region: "eu-west-2", Credentials: static.NewStaticCredentialsProvider("a", "b", ""),
		APIOptions: []func(*middleware.Stack) error{
			func(s *middleware.Stack) error { return s.Initialize.Add(w, middleware.After) },
		}}
	return &Doctor{Stage: w.stage, Cloud: cloud.New(c, ""), DNS: w, Stripe: func(string) (Stripe, error) { return w, nil }}
}

// ID and HandleInitialize make the world AWS: no call leaves the process.
func (w *world) ID() string { return "world" }

func (w *world) HandleInitialize(
	ctx context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler,
) (out middleware.InitializeOutput, m middleware.Metadata, err error) {
	name := awsmiddleware.GetOperationName(ctx)
	answer, given := w.answers[name]
	if !given {
		answer = w.answer(name, in.Parameters)
	}
	if err, failed := answer.(error); failed {
		return out, m, &smithy.OperationError{ServiceID: "test", OperationName: name, Err: err}
	}
	out.Result = answer
	return out, m, nil
}

func (w *world) answer(name string, in any) any {
	switch name {
	case "GetCallerIdentity":
		return &sts.GetCallerIdentityOutput{
			Account: aws.String("123456789012"), Arn: aws.String("arn:aws:iam::123456789012:user/anna"),
		}
	case "GetAccountSettings":
		return &lambda.GetAccountSettingsOutput{AccountLimit: &lambdatypes.AccountLimit{ConcurrentExecutions: 1000}}
	case "DescribeStacks":
		return &cloudformation.DescribeStacksOutput{Stacks: []cfn.Stack{w.stack}}
	case "ListStackResources":
		out := &cloudformation.ListStackResourcesOutput{}
		add := func(id, kind string) {
			out.StackResourceSummaries = append(out.StackResourceSummaries, cfn.StackResourceSummary{
				LogicalResourceId: &id, PhysicalResourceId: aws.String("prod-" + id), ResourceType: &kind,
			})
		}
		for _, id := range w.has {
			add(id, "AWS::CloudWatch::Alarm")
		}
		for id := range w.secrets {
			add(id, "AWS::SecretsManager::Secret")
		}
		return out
	case "ListHostedZonesByName":
		if *in.(*route53.ListHostedZonesByNameInput).DNSName != "example.com." || w.ns == nil {
			return &route53.ListHostedZonesByNameOutput{}
		}
		return &route53.ListHostedZonesByNameOutput{
			HostedZones: []route53types.HostedZone{{Id: aws.String("/hostedzone/Z1"), Name: aws.String("example.com.")}},
		}
	case "GetHostedZone":
		return &route53.GetHostedZoneOutput{HostedZone: &route53types.HostedZone{Name: aws.String("example.com.")},
			DelegationSet: &route53types.DelegationSet{NameServers: []string{"ns1.awsdns.com", "ns2.awsdns.com"}}}
	case "ListCertificates":
		if w.cert.CertificateArn == nil {
			return &acm.ListCertificatesOutput{}
		}
		return &acm.ListCertificatesOutput{
			CertificateSummaryList: []acmtypes.CertificateSummary{
				{CertificateArn: w.cert.CertificateArn, DomainName: w.cert.DomainName},
			},
		}
	case "ListTagsForCertificate":
		return &acm.ListTagsForCertificateOutput{
			Tags: []acmtypes.Tag{{Key: aws.String(stage.Tag), Value: aws.String("prod")}},
		}
	case "DescribeCertificate":
		return &acm.DescribeCertificateOutput{Certificate: &w.cert}
	case "GetAccount":
		return &w.account
	case "GetEmailIdentity":
		return &w.identity
	case "ListSubscriptionsByTopic":
		return &sns.ListSubscriptionsByTopicOutput{Subscriptions: w.confirmed}
	case "ListTagsForResource":
		return &sns.ListTagsForResourceOutput{Tags: w.topic}
	case "TagResource":
		w.topic = append(w.topic, in.(*sns.TagResourceInput).Tags...)
		return &sns.TagResourceOutput{}
	case "GetSecretValue":
		value := w.secrets[(*in.(*secretsmanager.GetSecretValueInput).SecretId)[len("prod-"):]]
		if value == "" {
			return failure("ResourceNotFoundException", "no value")
		}
		return &secretsmanager.GetSecretValueOutput{SecretString: &value}
	}
	return fmt.Errorf("nobody answers %s", name)
}

func failure(code, text string) error { return &smithy.GenericAPIError{Code: code, Message: text} }

// What DNS has.

func find[V any](w *world, all map[string]V, name string) (v V, err error) {
	if w.dns != nil {
		return v, w.dns
	}
	v, ok := all[name]
	if !ok {
		return v, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return v, nil
}

func (w *world) LookupNS(_ context.Context, name string) (out []*net.NS, err error) {
	all, err := find(w, w.ns, name)
	for _, n := range all {
		out = append(out, &net.NS{Host: n})
	}
	return out, err
}

func (w *world) LookupCNAME(_ context.Context, name string) (string, error) {
	return find(w, w.cname, name)
}

func (w *world) LookupHost(_ context.Context, name string) ([]string, error) {
	return find(w, w.hosts, name)
}

func (w *world) LookupTXT(_ context.Context, name string) ([]string, error) {
	return find(w, w.txt, name)
}

// Package doctor checks what only a person can do for a deployment, and says for each what is so and the next command.
package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/rollout"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
	"github.com/mi-telecom/mi-connect/shared/billing"
)

// State is what a check found.
type State string

// A check that cannot tell is not green: it may be a missing right, or something that must come first.
const (
	OK         State = "ok"
	NotYet     State = "not yet"
	CannotTell State = "cannot tell"
)

// Result is one check's.
type Result struct {
	Check  string `json:"check"`
	State  State  `json:"state"`
	Detail string `json:"detail"`
	Next   string `json:"next,omitempty"` // a command, or what to do where no command does it
}

// Resolver is what is asked of DNS.
type Resolver interface {
	LookupNS(ctx context.Context, name string) ([]*net.NS, error)
	LookupCNAME(ctx context.Context, name string) (string, error)
	LookupHost(ctx context.Context, name string) ([]string, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Stripe is what is asked of Stripe with a key.
type Stripe interface {
	Inspect(ctx context.Context, webhook string) (billing.Inspection, error)
}

// Doctor is what checks look at.
type Doctor struct {
	Stage  *stage.Stage
	Cloud  *cloud.Cloud
	DNS    Resolver
	Stripe func(key string) (Stripe, error)

	rollout   *rollout.Rollout
	stack     *cfn.Stack // nil for none
	resources map[string]cfn.StackResourceSummary
	domain    string // of mails
	identity  func() (*sesv2.GetEmailIdentityOutput, error)
	stripe    func() (billing.Inspection, error)
}

type check struct {
	name string
	run  func(ctx context.Context, d *Doctor) Result
}

// checks in the order in which they are done.
var checks = []check{
	{"credentials", credentials},
	{"region", region},
	{"Lambda concurrency", concurrency},
	{"stack", stackDeployed},
	{"domain delegated", delegated},
	{"certificate issued", certificate},
	{"domain leads to the CDN", leads},
	{"SES: sender's domain verified", verified},
	{"SES: DKIM", dkim},
	{"SES: MAIL FROM domain", mailFrom},
	{"DNS: SPF", spf},
	{"DNS: DMARC", dmarc},
	{"SES: out of the sandbox", sandbox},
	{"SES: bounces and complaints", bounces},
	{"alarms: subscription confirmed", subscription},
	{"alarms: a test alarm arrived", arrival},
	{"secrets: filled", secretsFilled},
	{"Stripe: key", stripeKey},
	{"Stripe: products and prices", stripePrices},
	{"Stripe: webhook", stripeWebhook},
	{"Stripe: webhook's API version", stripeVersion},
}

func ok(format string, args ...any) Result {
	return Result{State: OK, Detail: fmt.Sprintf(format, args...)}
}

func notYet(next, format string, args ...any) Result {
	return Result{State: NotYet, Detail: fmt.Sprintf(format, args...), Next: next}
}

func cannotTell(next, format string, args ...any) Result {
	return Result{State: CannotTell, Detail: fmt.Sprintf(format, args...), Next: next}
}

// unsure is what an error of AWS's makes of a check.
func unsure(err error) Result {
	if cloud.Denied(err) {
		return cannotTell("use credentials that may: AWS_PROFILE=... make doctor", "not allowed to look: %v", err)
	}
	return cannotTell("the same command again", "%v", err)
}

// Examine runs all checks. It has no error of its own: what cannot be found out is a result.
func (d *Doctor) Examine(ctx context.Context) []Result {
	d.prepare(ctx)
	all := make([]Result, len(checks))
	for i, c := range checks {
		all[i] = c.run(ctx, d)
		all[i].Check = c.name
	}
	return all
}

func (d *Doctor) prepare(ctx context.Context) {
	d.rollout = &rollout.Rollout{Stage: d.Stage, Cloud: d.Cloud, Out: io.Discard}
	d.domain, _ = rollout.MailDomain(d.Stage) // the stage's file was read, so it has one
	d.identity = sync.OnceValues(func() (*sesv2.GetEmailIdentityOutput, error) {
		return d.Cloud.Mail.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &d.domain})
	})
	d.stripe = sync.OnceValues(func() (billing.Inspection, error) { return d.inspectStripe(ctx) })
}

// noStack is the result of checks that look into the stack, where there is none.
func (d *Doctor) noStack() (Result, bool) {
	if d.stack != nil {
		return Result{}, false
	}
	return cannotTell("make deploy STAGE="+d.Stage.Name, "there is no stack to look into"), true
}

// origin is where people open the dashboard.
func (d *Doctor) origin() string {
	if d.Stage.Domain != "" {
		return "https://" + d.Stage.Domain
	}
	if d.stack != nil {
		return "https://" + cloud.Output(d.stack, "CdnDomain")
	}
	return ""
}

// aws is a command of AWS's own program for the stage's region. CloudShell in the console has it too.
func (d *Doctor) aws(format string, args ...any) string {
	return "aws --region " + d.Stage.Region + " " + fmt.Sprintf(format, args...)
}

// Green reports whether nothing is left to do.
func Green(results []Result) bool {
	for _, r := range results {
		if r.State != OK {
			return false
		}
	}
	return true
}

// Print writes results for people, or as JSON.
func Print(out io.Writer, results []Result, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(results)
	}
	counts := map[State]int{}
	for _, r := range results {
		counts[r.State]++
		if _, err := fmt.Fprintf(out, "%-11s  %-32s  %s\n", r.State, r.Check, r.Detail); err != nil {
			return err
		}
		if r.Next != "" {
			if _, err := fmt.Fprintf(
				out, "%-11s  next: %s\n", "", strings.ReplaceAll(r.Next, "\n", "\n                   "),
			); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(out, "\n%d ok, %d not yet, %d cannot tell\n", counts[OK], counts[NotYet], counts[CannotTell])
	return err
}

// absent reports whether DNS has no such name, and not that it could not be asked.
func absent(err error) bool {
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && e.IsNotFound
}

// shown is a name without the dot at its end.
func shown(name string) string { return cmp.Or(strings.TrimSuffix(name, "."), "nothing") }

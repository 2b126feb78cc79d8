// Package templatetest holds template.yaml against what AWS publishes: what its services refuse, their quotas, and
// what they do of themselves that nobody here would want. Each rule says why, and is shown to find what breaks it.
package templatetest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// stage is what a second deployment says of itself.
var stage = map[string]string{
	"Stage": "staging", "Origin": "https://staging.example.com", "MailFrom": "Staging <no-reply@staging.example.com>",
	"PrivacyEmail": "privacy@staging.example.com",
	"AlarmEmail":   "ops@staging.example.com", "MonthlyBudget": "100",
}

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/abc"

// doc is the template as one deployment has it.
type doc struct {
	*template.Template
	text       string
	properties map[string]map[string]any // by logical id
	types      map[string]string
}

func read(text string, more map[string]string) (*doc, error) {
	values := maps.Clone(stage)
	maps.Copy(values, more)
	t, err := template.Parse([]byte(text), values)
	if err != nil {
		return nil, err
	}
	d := &doc{Template: t, text: text, properties: map[string]map[string]any{}, types: map[string]string{}}
	resources, err := t.Resources()
	if err != nil {
		return nil, err
	}
	for _, r := range resources {
		d.types[r.ID] = r.Type
		if r.Type == "AWS::Serverless::Function" {
			d.properties[r.ID], err = t.Merged(r)
		} else {
			d.properties[r.ID], err = t.Properties(r)
		}
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// of gives the ids of a type, in order.
func (d *doc) of(types ...string) (out []string) {
	for id, t := range d.types {
		if slices.Contains(types, t) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// at walks into maps.
func at(v any, path ...string) any {
	for _, name := range path {
		v = template.Map(v)[name]
	}
	return v
}

// rule is one thing that AWS says. spoil breaks it: old becomes new in the template's text.
type rule struct {
	name, why string
	check     func(*doc) []string
	old, new  string
}

func (r rule) spoil(text string) (string, error) {
	if strings.Count(text, r.old) == 0 {
		return "", fmt.Errorf("the template has no %q to break", r.old)
	}
	return strings.Replace(text, r.old, r.new, 1), nil
}

func TestTheTemplateIsAsAWSTakesIt(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(localtest.Root(t), "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range slices.Concat(cdnRules, stageRules, functionRules, alarmRules, releaseRules) {
		t.Run(r.name, func(t *testing.T) {
			d, err := read(string(text), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range r.check(d) {
				t.Errorf("%s (%s)", problem, r.why)
			}
			broken, err := r.spoil(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if d, err = read(broken, nil); err != nil {
				t.Fatal(err)
			}
			if len(r.check(d)) == 0 {
				t.Errorf("with %q nothing is found", r.new)
			}
		})
	}
}

var stageRules = []rule{
	{"no default speaks for another stage",
		"what a second stage is not told it takes from the default: production's address in its mails and links",
		func(d *doc) (out []string) {
			for name, p := range d.Parameters() {
				text := template.String(template.Map(p)["Default"])
				if regexp.MustCompile(`@|://|\.[a-z]{2,}$`).MatchString(text) {
					out = append(out, name+" is "+text+" for everybody")
				}
			}
			if at(d.Parameters(), "Stage", "Default") != nil {
				out = append(out, "Stage has a default, by which two stages share their metrics")
			}
			return out
		},
		"    Description: Who receives privacy complaints and is named in emails.", "    Default: privacy@example.com"},
	{"names are the stack's",
		"a name is unique in an account and region: the second stack with it is refused",
		func(d *doc) (out []string) {
			names := []string{
				"Name", "TableName", "FunctionName", "QueueName", "TopicName", "BucketName", "AlarmName", "LogGroupName",
				"RoleName",
			}
			for _, id := range slices.Sorted(maps.Keys(d.properties)) {
				p := d.properties[id]
				for _, config := range []any{
					p, p["ResponseHeadersPolicyConfig"], p["CachePolicyConfig"], p["OriginRequestPolicyConfig"],
					p["OriginAccessControlConfig"],
				} {
					for _, n := range names {
						name := template.String(at(config, n))
						// A metric filter's and a subscription's are references to what the stack made.
						if name != "" && !strings.Contains(name, template.Stack) {
							out = append(out, id+" is called "+name+" in every stack")
						}
					}
				}
				for event, e := range template.Map(p["Events"]) {
					if at(e, "Type") == "ScheduleV2" && !template.Bool(at(e, "Properties", "OmitName")) &&
						at(e, "Properties", "Name") == nil {
						out = append(out, id+"."+event+": SAM calls the schedule so in every stack; OmitName")
					}
				}
			}
			return out
		},
		"OmitName: true, ", ""},
	{"what may hold a password is not shown",
		"without NoEcho anybody who may describe the stack reads it",
		func(d *doc) (out []string) {
			for name, p := range d.Parameters() {
				if strings.Contains(template.String(at(p, "Description")), "password") && !template.Bool(at(p, "NoEcho")) {
					out = append(out, name)
				}
			}
			return out
		},
		"    NoEcho: true # it may hold a password\n", ""},
	{"a domain and no domain",
		"CloudFront takes an alias only with a certificate of us-east-1 for it, and its own name only without",
		func(d *doc) (out []string) {
			for name, arn := range map[string]string{"without a certificate": "", "with one": certificate} {
				other, err := read(d.text, map[string]string{"CertificateArn": arn})
				if err != nil {
					return []string{err.Error()}
				}
				for _, id := range other.of("AWS::CloudFront::Distribution") {
					config := at(other.properties[id], "DistributionConfig")
					aliases, viewer := template.Strings(at(config, "Aliases")), at(config, "ViewerCertificate")
					switch {
					case arn == "" && (len(aliases) > 0 || !template.Bool(at(viewer, "CloudFrontDefaultCertificate"))):
						out = append(out, fmt.Sprintf("%s: %v, %v", name, aliases, viewer))
					case arn != "" &&
						(!slices.Equal(aliases, []string{"staging.example.com"}) || at(viewer, "AcmCertificateArn") != arn || at(viewer, "SslSupportMethod") != "sni-only"):
						out = append(out, fmt.Sprintf("%s: %v, %v", name, aliases, viewer))
					case arn != "" && at(viewer, "MinimumProtocolVersion") != "TLSv1.2_2021":
						out = append(out, fmt.Sprintf("%s: the least TLS is %v", name, at(viewer, "MinimumProtocolVersion")))
					}
				}
			}
			pattern := template.String(at(d.Parameters(), "CertificateArn", "AllowedPattern"))
			for arn, want := range map[string]bool{
				"": true, certificate: true, strings.Replace(certificate, "us-east-1", "eu-west-2", 1): false,
			} {
				if ok, err := regexp.MatchString("^(?:"+pattern+")$", arn); err != nil || ok != want {
					out = append(out, fmt.Sprintf("CertificateArn takes %q: %v", arn, ok))
				}
			}
			return out
		},
		"MinimumProtocolVersion: TLSv1.2_2021", "MinimumProtocolVersion: TLSv1"},
	{"size", "CloudFormation takes 500 resources, 200 parameters and 1 MB of template",
		func(d *doc) (out []string) {
			if n := len(d.types); n > 350 { // SAM makes a role, mappings and permissions of its own
				out = append(out, fmt.Sprintf("%d resources", n))
			}
			if n := len(d.Parameters()); n > 200 {
				out = append(out, fmt.Sprintf("%d parameters", n))
			}
			if len(d.text) > 1<<20 {
				out = append(out, fmt.Sprintf("%d bytes", len(d.text)))
			}
			return out
		},
		"Description: Mi Connect", "Description: " + strings.Repeat("x", 1<<20)},
}

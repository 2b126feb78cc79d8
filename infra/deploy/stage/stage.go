// Package stage reads what one deployment is: stages/<stage>.conf. A second stage is a second file, and inherits
// nothing of the first.
package stage

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Stage is one deployment.
type Stage struct {
	Name       string
	Region     string
	Account    string            // "" for any
	Domain     string            // "" to be served under CloudFront's own name
	HostedZone string            // of Domain in Route 53; "" to look for it
	Parameters map[string]string // of the template, as far as given
	Hidden     []string          // parameters that may hold a password: they come from the environment
}

// Stack is the name of the stage's stack.
func (s *Stage) Stack() string { return "mi-connect-" + s.Name }

// Tag marks all that belongs to a stage, with the stage's name as its value.
const Tag = "mi-connect-stage"

// own are the names in a file that are no parameters of the template.
var own = []string{"Region", "Account", "Domain", "HostedZone"}

// made are parameters that the command gives itself.
var made = []string{"Stage", "Origin", "Build"}

var (
	nameForm    = regexp.MustCompile(`^[a-z][a-z0-9-]{1,15}$`)
	regionForm  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	domainForm  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
)

// ErrNew says that there was no file, and that one was written to be filled in.
var ErrNew = errors.New("a new stage")

// Load reads the stage's file in folder, and getenv for what it must not hold. Where there is none it writes one and
// returns ErrNew. root is the project's folder.
func Load(root, folder, name string, getenv func(string) string) (*Stage, error) {
	if !nameForm.MatchString(name) {
		return nil, fmt.Errorf(
			"STAGE=%q: 2 to 16 lower-case letters, digits and hyphens, a letter first; STAGE=prod, say", name,
		)
	}
	declared, err := parameters(root)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, name+".conf")
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(blank, "STAGE", name)), 0o644); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: fill in stages/%s.conf, then run `make deploy STAGE=%s` again", ErrNew, name, name)
	}
	if err != nil {
		return nil, err
	}
	s, err := parse(name, string(text), declared, getenv)
	if err != nil {
		return nil, fmt.Errorf("stages/%s.conf: %w", name, err)
	}
	return s, nil
}

// parameter is a parameter of the template.
type parameter struct {
	optional, hidden bool
	form             *regexp.Regexp
	about            string
}

func parameters(root string) (map[string]parameter, error) {
	// The template's own reader: what make dev takes for a parameter is one here.
	t, err := template.Load(filepath.Join(root, "template.yaml"), nil)
	if err != nil {
		return nil, err
	}
	out := map[string]parameter{}
	for name, v := range t.Parameters() {
		declared := template.Map(v)
		_, optional := declared["Default"]
		p := parameter{
			optional: optional, hidden: template.Bool(declared["NoEcho"]), about: template.String(declared["Description"]),
		}
		if pattern := template.String(declared["AllowedPattern"]); pattern != "" {
			if p.form, err = regexp.Compile("^(?:" + pattern + ")$"); err != nil {
				return nil, fmt.Errorf("AllowedPattern of %s: %w", name, err)
			}
		}
		out[name] = p
	}
	return out, nil
}

func parse(name, text string, declared map[string]parameter, getenv func(string) string) (*Stage, error) {
	values, err := pairs(text)
	if err != nil {
		return nil, err
	}
	s := &Stage{Name: name, Parameters: map[string]string{"Stage": name}}
	s.Region, s.Account, s.Domain, s.HostedZone = values["Region"], values["Account"], strings.ToLower(values["Domain"]),
		values["HostedZone"]
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for _, key := range slices.Sorted(maps.Keys(values)) {
		p, known := declared[key]
		switch {
		case slices.Contains(own, key):
		case slices.Contains(made, key):
			fault("%s is set by the command itself: remove the line", key)
		case !known:
			fault("%s is neither one of %s nor a parameter of template.yaml", key, strings.Join(own, ", "))
		case p.hidden:
			fault(
				"%s may hold a password and does not belong in a file: remove the line, and give it in the environment (%s=... "+
					"make deploy STAGE=%s)",
				key, key, name,
			)
		case values[key] == "": // the template's default
		case p.form != nil && !p.form.MatchString(values[key]):
			fault("%s=%s is not of the form %s. %s", key, values[key], p.form, p.about)
		default:
			s.Parameters[key] = values[key]
		}
	}
	for _, key := range slices.Sorted(maps.Keys(declared)) {
		p := declared[key]
		if p.hidden {
			s.Hidden = append(s.Hidden, key)
			if v := getenv(key); v != "" {
				s.Parameters[key] = v
			}
			continue
		}
		if !p.optional && !slices.Contains(made, key) && values[key] == "" {
			fault("%s is missing. %s", key, p.about)
		}
	}
	check := func(key, value string, form *regexp.Regexp, optional bool, example string) {
		if value == "" && optional || form.MatchString(value) {
			return
		}
		fault("%s=%s: %s", key, value, example)
	}
	check("Region", s.Region, regionForm, false, "a region of AWS is needed, such as eu-west-2")
	check("Account", s.Account, accountForm, true, "the 12 digits of an AWS account, or nothing")
	check("Domain", s.Domain, domainForm, true, "a domain without https://, such as connect.example.com, or nothing")
	if s.Parameters["CertificateArn"] != "" && s.Domain == "" {
		fault("CertificateArn without Domain: name the domain that it is for")
	}
	return s, errors.Join(faults...)
}

// pairs reads lines of Key=value; # begins a comment line.
func pairs(text string) (map[string]string, error) {
	out := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok {
			return nil, fmt.Errorf("line %d is not of the form Key=value", i+1)
		}
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("line %d: %s is there twice", i+1, key)
		}
		out[key] = value
	}
	return out, nil
}

const blank = `# What "make deploy STAGE=STAGE" deploys. No secrets: this file belongs into git.
# Any parameter of template.yaml may be added as a line; empty means its default.

# Where it runs, and in which account (12 digits; a deployment with another account's credentials is then refused).
Region=eu-west-2
Account=

# Where people open the dashboard, without https://. Empty: under the name that CloudFront gives.
# Its certificate is made by the command. When Route 53 in this account has the domain's zone, the DNS records
# are made as well; otherwise the command prints them.
Domain=

# Who mails are from (Mi Connect <no-reply@example.com>), and where complaints about privacy go.
MailFrom=
PrivacyEmail=

# Who is told when something needs a person, and at how many dollars a month (0: never).
AlarmEmail=
MonthlyBudget=0
`

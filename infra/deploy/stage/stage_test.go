package stage

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const repository = "../../.."

func none(string) string { return "" }

// declared are the parameters of the project's own template.
func declared(t *testing.T) map[string]parameter {
	t.Helper()
	got, err := parameters(repository)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const good = "Region=eu-west-2\nDomain=connect.example.com\nMailFrom=Mi Connect " +
	"<no-reply@example.com>\nPrivacyEmail=privacy@example.com\n"

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"whole", good, ""},
		{
			"comments and spaces", "# a comment\n\n Region = eu-west-2 \nMailFrom=a@example.com\nPrivacyEmail=b@example.com", "",
		},
		{"no region", strings.Replace(good, "Region=eu-west-2", "", 1), "Region="},
		{"no mail", "Region=eu-west-2\nPrivacyEmail=b@example.com", "MailFrom is missing. Sender of emails"},
		{"empty mail", good + "AlarmEmail=\nReceiptDays=\n", ""},
		{"a scheme", strings.Replace(good, "connect.example", "https://connect.example", 1), "without https://"},
		{"a parameter that is not there", good + "MailForm=x@example.com", "MailForm is neither"},
		{"twice", good + "Region=us-east-1", "Region is there twice"},
		{"no value", good + "Hello", "line 5 is not of the form"},
		{"made by the command", good + "Origin=https://elsewhere.example", "Origin is set by the command itself"},
		{"a password", good + "MailUrl=smtp://user:secret@example.com", "does not belong in a file"},
		{"a form", good + "CertificateArn=arn:aws:acm:eu-west-2:123456789012:certificate/x", "CertificateArn"},
		{
			"a certificate of no domain",
			strings.Replace(
				good, "Domain=connect.example.com", "CertificateArn=arn:aws:acm:us-east-1:123456789012:certificate/x", 1,
			),
			"name the domain",
		},
		{"an account", good + "Account=12", "12 digits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse("prod", c.text, declared(t), none)
			switch {
			case c.want == "" && err != nil:
				t.Fatal(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Fatalf("%v, want %q", err, c.want)
			case err != nil && strings.Contains(err.Error(), "user:secret"):
				t.Fatalf("the password is in the error: %v", err)
			}
		})
	}
}

// A password reaches the template and no file.
func TestHidden(t *testing.T) {
	env := map[string]string{"MailUrl": "smtp://user:secret@example.com:587"}
	s, err := parse("prod", good, declared(t), func(k string) string { return env[k] })
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(s.Hidden, "MailUrl") || s.Parameters["MailUrl"] != env["MailUrl"] {
		t.Errorf("hidden %v, parameters %v", s.Hidden, s.Parameters)
	}
	if s, _ = parse("prod", good, declared(t), none); s.Parameters["MailUrl"] != "" {
		t.Error("MailUrl came from nowhere")
	}
}

func TestANewStageIsWritten(t *testing.T) {
	root := t.TempDir()
	text, err := os.ReadFile(filepath.Join(repository, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "template.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = Load(root, root, "test", none); !errors.Is(err, ErrNew) ||
		!strings.Contains(err.Error(), "make deploy STAGE=test") {
		t.Fatal(err)
	}
	// It is not overwritten, and says what to fill in.
	if _, err = Load(root, root, "test", none); err == nil || !strings.Contains(err.Error(), "MailFrom is missing") {
		t.Fatal(err)
	}
	if _, err = Load(root, root, "../x", none); err == nil {
		t.Error("a stage named ../x")
	}
}

// What is in the repository can be read, and no two stages speak as each other.
func TestTheRepositorysStages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repository, "stages", "*.conf"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	said := map[string]string{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".conf")
		s, err := Load(repository, filepath.Join(repository, "stages"), name, none)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{s.Domain, s.Parameters["MailFrom"], s.Parameters["PrivacyEmail"]} {
			if other, taken := said[v]; taken {
				t.Errorf("%s and %s both say %s", other, name, v)
			}
			said[v] = name
		}
	}
}

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// A stage's life on the emulation, from an empty account until nothing is left. One test, since each part continues
// from the one before, as a real account does.
func TestDeployment(t *testing.T) {
	w := begin(t)
	w.zone("example.com.")
	w.zone("prod.example.")
	t.Run("a stage that was not described", w.testNew)
	t.Run("another account", w.testAccount)
	t.Run("killed at each step", w.testKilled)
	t.Run("again", w.testAgain)
	t.Run("doctor", w.testDoctor)
	t.Run("a second stage", w.testSecond)
	t.Run("one that fails half way", w.testFailing)
	t.Run("a domain that is managed elsewhere", w.testElsewhere)
	t.Run("no domain", w.testNoDomain)
	t.Run("undeploy keeps data", w.testKeep)
	t.Run("undeploy deletes data", w.testDelete)
}

// in makes t the one that failures belong to.
func (w *world) in(t *testing.T) { w.t = t }

func (w *world) contains(out string, words ...string) {
	w.t.Helper()
	for _, want := range words {
		if !strings.Contains(out, want) {
			w.t.Errorf("it does not say %q", want)
		}
	}
}

func (w *world) testNew(t *testing.T) {
	w.in(t)
	out, ok := w.run("up", "fresh")
	if ok {
		t.Error("it deployed nothing")
	}
	w.contains(out, "stages/fresh.conf", "make deploy STAGE=fresh")
	out, _ = w.run("up", "fresh")
	w.contains(out, "MailFrom is missing", "PrivacyEmail is missing")
	if err := os.Remove(filepath.Join(w.stages, "fresh.conf")); err != nil {
		t.Fatal(err)
	}
}

func (w *world) testAccount(t *testing.T) {
	w.in(t)
	w.conf("prod", "connect.example.com", "Account=999999999999")
	out, ok := w.run("up", "prod")
	if ok {
		t.Error("it deployed into another account")
	}
	w.contains(out, "of account 123456789012", "names 999999999999", "Next:")
	w.conf("prod", "connect.example.com", "Account=123456789012")
}

func (w *world) testKilled(t *testing.T) {
	w.in(t)
	w.control(`{"stacks": {"pace": 0.2}}`) // so that the stack is still under way when the next run looks
	// A kill comes a moment after the words: what they announce may have begun.
	for _, words := range [][]string{
		{"[3/9]"}, {"functions are new"}, {"asked for a certificate", "issued"}, {"waiting up to", "issued"},
		{"resources to make"},
		{"under way", "the stack is at"}, {"the stack is at"}, {"telling Amazon SES"}, {"assets/"}, {"[8/9]"},
	} {
		w.killAt("prod", words...)
		if words[0] == "the stack is at" {
			w.control(`{"stacks": {"pace": 0}}`)
		}
	}
	out := w.up("prod")
	w.contains(
		out, "prod is deployed: https://connect.example.com", "make doctor STAGE=prod", "ok  sign-up",
		"ok  widget: a preflight", "ok  beacon",
	)
	w.whole("prod")
	certificates, err := w.Certificates.ListCertificates(t.Context(), &acm.ListCertificatesInput{})
	if err != nil || len(certificates.CertificateSummaryList) != 1 {
		t.Errorf("%d certificates, %v", len(certificates.CertificateSummaryList), err)
	}
}

// whole checks that a stage has every table once, its functions as packed, and its pages with their headers.
func (w *world) whole(name string) {
	w.t.Helper()
	declared, err := template.Load(filepath.Join(repository, "template.yaml"), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	tables, err := declared.Tables()
	if err != nil {
		w.t.Fatal(err)
	}
	if have := w.tables(name); len(have) != len(tables) {
		w.t.Errorf("%d tables, want %d: %v", len(have), len(tables), have)
	}
	bucket := w.output(name, "PagesBucket")
	for key, want := range map[string]string{
		"index.html": "no-cache", "widget.js": "public,max-age=300", "favicon.svg": "public,max-age=3600",
		"login.html": "no-cache",
	} {
		got, err := w.Objects.HeadObject(w.t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			w.t.Fatalf("%s: %v", key, err)
		}
		if aws.ToString(got.CacheControl) != want {
			w.t.Errorf("%s: %s", key, aws.ToString(got.CacheControl))
		}
	}
}

func (w *world) output(name, key string) string {
	w.t.Helper()
	s, err := w.Stack(w.t.Context(), "mi-connect-"+name)
	if err != nil {
		w.t.Fatal(err)
	}
	return cloud.Output(s, key)
}

// traces counts what any change of a stage leaves: events of the stack and versions of pages.
func (w *world) traces(name string) (events, versions int) {
	w.t.Helper()
	got, err := w.Stacks.DescribeStackEvents(
		w.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("mi-connect-" + name)},
	)
	if err != nil {
		w.t.Fatal(err)
	}
	objects, err := w.Objects.ListObjectVersions(
		w.t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(w.output(name, "PagesBucket"))},
	)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(got.StackEvents), len(objects.Versions)
}

func (w *world) testAgain(t *testing.T) {
	w.in(t)
	events, versions := w.traces("prod")
	out := w.up("prod")
	w.contains(out, "Nothing had to be changed.", "nothing to change", "0 of 15 functions are new")
	if e, v := w.traces("prod"); e != events || v != versions {
		t.Errorf("events %d -> %d, versions %d -> %d", events, e, versions, v)
	}
}

func (w *world) testSecond(t *testing.T) {
	w.in(t)
	events, versions := w.traces("prod")
	w.conf("staging", "staging.example.com")
	w.up("staging")
	w.whole("staging")
	if e, v := w.traces("prod"); e != events || v != versions {
		t.Error("prod was changed by staging")
	}
	s, err := w.Stack(t.Context(), "mi-connect-staging")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Parameters {
		if strings.Contains(aws.ToString(p.ParameterValue), "prod") ||
			aws.ToString(p.ParameterValue) == "https://connect.example.com" {
			t.Errorf("%s=%s is prod's", aws.ToString(p.ParameterKey), aws.ToString(p.ParameterValue))
		}
	}
	// The same domain twice is refused, and nothing of the first is lost.
	w.conf("copy", "connect.example.com")
	out, ok := w.run("up", "copy")
	if ok {
		t.Error("two stages have one domain")
	}
	w.contains(out, "CNAMEs", "Next:", "another CloudFront distribution has the domain")
}

func (w *world) testFailing(t *testing.T) {
	w.in(t)
	w.conf("broken", "broken.example.com")
	w.control(
		`{"stacks": {"fail": {"Cdn": "Your account must be verified before you can add new CloudFront resources."}}}`,
	)
	out, ok := w.run("up", "broken")
	if ok {
		t.Error("it did not fail")
	}
	w.contains(out, "Cdn (AWS::CloudFront::Distribution) failed", "must be verified", "Next:", "AWS Support")
	w.up("broken")
	w.whole("broken")
}

func (w *world) testElsewhere(t *testing.T) {
	w.in(t)
	w.conf("apart", "connect.elsewhere.example")
	out, ok := w.run("up", "apart", "-wait", "100ms")
	if ok {
		t.Error("it did not wait for the certificate")
	}
	w.contains(out, "not issued yet", "_d930b28be6c5927595552b219965053e.connect.elsewhere.example  CNAME")
	w.control(`{"records": ["_d930b28be6c5927595552b219965053e.connect.elsewhere.example"]}`)
	out = w.up("apart")
	w.contains(
		out, "Make these DNS records", "connect.elsewhere.example  CNAME  "+w.output("apart", "CdnDomain"),
		"_domainkey.apart.example  CNAME", "_dmarc.apart.example  TXT",
	)
}

func (w *world) testNoDomain(t *testing.T) {
	w.in(t)
	w.conf("bare", "")
	out := w.up("bare")
	w.contains(out, "bare is deployed: https://"+w.output("bare", "CdnDomain"))
	s, err := w.Stack(t.Context(), "mi-connect-bare")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Parameters {
		if aws.ToString(p.ParameterKey) == "Origin" &&
			aws.ToString(p.ParameterValue) != "https://"+w.output("bare", "CdnDomain") {
			t.Errorf("Origin is %s", aws.ToString(p.ParameterValue))
		}
	}
	w.contains(w.up("bare"), "Nothing had to be changed.")
}

func (w *world) testKeep(t *testing.T) {
	w.in(t)
	before := w.tables("staging")
	out, ok := w.run("down", "staging")
	if !ok {
		t.Fatal("it failed")
	}
	w.contains(out, "Kept, and paid for", "DATA=delete")
	if _, err := w.Stack(t.Context(), "mi-connect-staging"); !errors.Is(err, cloud.ErrNoStack) {
		t.Errorf("the stack: %v", err)
	}
	if after := w.tables("staging"); len(after) == 0 || len(after) != w.retained(before) {
		t.Errorf("%d tables of %d", len(after), len(before))
	}
	// Again: there is nothing to do, and that is no failure.
	if _, ok = w.run("down", "staging"); !ok {
		t.Error("a second time failed")
	}
	w.whole("prod")
}

// retained counts the tables of a list that a stack leaves: those that are protected.
func (w *world) retained(tables []string) (n int) {
	w.t.Helper()
	for _, name := range tables {
		if got, err := w.Tables.DescribeTable(w.t.Context(), &dynamodb.DescribeTableInput{TableName: &name}); err == nil &&
			got.Table.DeletionProtectionEnabled != nil && *got.Table.DeletionProtectionEnabled {
			n++
		}
	}
	return n
}

func (w *world) testDelete(t *testing.T) {
	w.in(t)
	kept := len(w.tables("staging"))
	cmd := w.command("down", "staging", "-data", "delete")
	cmd.Stdin = strings.NewReader("yes\n")
	if out, err := cmd.CombinedOutput(); err == nil || len(w.tables("staging")) != kept {
		t.Errorf("yes was enough: %s", out)
	}
	cmd = w.command("down", "staging", "-data", "delete")
	cmd.Stdin = strings.NewReader("delete staging\n")
	if out, err := cmd.CombinedOutput(); err != nil || len(w.tables("staging")) != 0 {
		t.Errorf("%v, %v is left: %s", err, w.tables("staging"), out)
	}
	secrets, err := w.Secrets.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets.SecretList {
		if strings.HasPrefix(aws.ToString(s.Name), "mi-connect-staging-") {
			t.Errorf("%s is left", aws.ToString(s.Name))
		}
	}
	w.whole("prod")
}

// Package samples_test replays every sample event against the built binaries, through the Lambda Runtime
// API and drives a whole run from registration to statistics.
package samples_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	samples "github.com/mi-telecom/mi-connect/events-samples"
	"github.com/mi-telecom/mi-connect/infra/local/iam"
	"github.com/mi-telecom/mi-connect/infra/local/lambda"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/internal/stripetest"
)

var binaries string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "functions")
	if err != nil {
		panic(err)
	}
	binaries = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var built sync.Map // folder -> *sync.Once

// binary is a function's, as make build made it if nothing has changed since.
func binary(t *testing.T, folder string) string {
	t.Helper()
	root := localtest.Root(t)
	ready := filepath.Join(root, ".build", folder, "bootstrap")
	if info, err := os.Stat(ready); err == nil &&
		!changedSince(
			t, info.ModTime(), filepath.Join(root, folder), filepath.Join(root, "shared"), filepath.Join(root, "go.mod"),
		) {
		return ready
	}
	path := filepath.Join(binaries, filepath.Base(folder))
	once, _ := built.LoadOrStore(folder, &sync.Once{})
	once.(*sync.Once).Do(func() { localtest.Build(t, folder, path) })
	return path
}

func changedSince(t *testing.T, since time.Time, paths ...string) bool {
	t.Helper()
	changed := false
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
				return err
			}
			info, err := d.Info()
			changed = changed || err == nil && info.ModTime().After(since)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return changed
}

// stack is the template's functions on tables of their own.
type stack struct {
	*apitest.World
	pools map[string]*lambda.Pool // by folder under functions/
	said  *localtest.Said
	logs  string
}

func start(t *testing.T, parameters map[string]string) *stack {
	t.Helper()
	w := apitest.New(t)
	s := &stack{World: w, pools: map[string]*lambda.Pool{}, said: &localtest.Said{}, logs: t.TempDir()}
	_, payments := stripetest.Stand(t, time.Now)
	values := map[string]string{
		"StripeApiBase": payments, "Stage": "test", "Origin": apitest.Origin, "MailUrl": "smtp://127.0.0.1:9",
		"Architecture": template.Architecture(),
	}
	maps.Copy(values, parameters)
	tpl, err := template.Load(filepath.Join(localtest.Root(t), "template.yaml"), values)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tpl.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for i, table := range tables {
		tables[i].Name = w.Env[variable(table.ID)]
		tpl.SetRef(table.ID, tables[i].Name)
		tpl.SetAttribute(table.ID, "StreamArn", "arn:aws:dynamodb:eu-west-2:1:table/x/stream/y")
	}
	functions, problems, err := tpl.Functions()
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	// Each function has its own rights here too: a call that its policy lacks fails its samples.
	guard, err := iam.New(functions, tables, nil, s.said.Say)
	if err != nil {
		t.Fatal(err)
	}
	way, err := guard.Database(w.Env["AWS_ENDPOINT_URL_DYNAMODB"])
	if err != nil {
		t.Fatal(err)
	}
	database := httptest.NewServer(way)
	t.Cleanup(database.Close)
	logs, err := lambda.NewLogs(s.logs, s.said.Say)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range functions {
		for name, value := range w.Env {
			if _, given := f.Env[name]; given || !strings.HasSuffix(name, "_TABLE") {
				f.Env[name] = value
			}
		}
		f.Env["AWS_ENDPOINT_URL_DYNAMODB"], f.Env["AWS_ACCESS_KEY_ID"] = database.URL, f.ID
		for name := range f.Env {
			if _, secret := f.Env[name+"_ARN"]; secret {
				f.Env[name] = samples.Secret(name)
			}
		}
		f.Env["CDN_KEY"] = ""        // samples come without a CDN
		f.Timeout = 30 * time.Second // a busy machine is not what is tested
		folder := strings.Trim(f.CodeURI, "/")
		s.pools[filepath.Base(folder)] = lambda.New(lambda.Config{
			Function: f, Binary: binary(t, folder), Max: 2, Logs: logs, Say: s.said.Say,
		})
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		for _, p := range s.pools {
			p.Stop(ctx)
		}
		logs.Close()
		if t.Failed() {
			t.Log(s.said.String())
		}
	})
	return s
}

// variable is the one that names a table to functions: ACCOUNTS_TABLE for AccountsTable.
func variable(table string) string {
	return strings.ToUpper(strings.TrimSuffix(table, "Table")) + "_TABLE"
}

// output is all that the functions have written.
func (s *stack) output() string {
	var b strings.Builder
	files, _ := filepath.Glob(filepath.Join(s.logs, "*.log"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			s.T.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

// private is what the samples hold and no log may.
var private = []string{
	"pat@example", samples.Email, "vera@example", "correct horse", samples.Password, "Vera Visitor", "Ada Lovelace",
	"07700 900", "7700900", "2079460018",
	strings.Repeat("A", 43), "A-sample_visit_0123456", "about my boiler",
}

func TestEverySample(t *testing.T) {
	all, err := samples.All(".")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, nil)
	if err := samples.Prepare(t.Context(), s.DB); err != nil {
		t.Fatal(err)
	}
	for _, sample := range all {
		p := s.pools[sample.Function]
		if p == nil {
			t.Errorf("%s: there is no such function", sample.Name())
			continue
		}
		got, err := p.Invoke(t.Context(), sample.Event)
		var failed *lambda.FunctionError
		if errors.As(err, &failed) {
			got, err = json.Marshal(failed)
		}
		if err == nil {
			err = samples.Match(sample.Want, got)
		}
		if err != nil {
			t.Errorf("%s: %v\n  %.400s", sample.Name(), err, got)
		}
	}
	output := strings.ToLower(s.output())
	for _, text := range private {
		if strings.Contains(output, strings.ToLower(text)) {
			t.Errorf("a log holds %q", text)
		}
	}
	if output == "" {
		t.Error("the functions have written nothing")
	}
	t.Logf("%d samples", len(all))
}

// Each function has one good sample and two bad ones at least.
func TestEveryFunctionHasSamples(t *testing.T) {
	const reads = "it reads nothing of its event, so none is bad"
	reasons := map[string]string{"seal": reads, "purge": reads, "reconcile": reads, "requeue": reads, "tick": reads}
	all, err := samples.All(".")
	if err != nil {
		t.Fatal(err)
	}
	good, bad := map[string]int{}, map[string]int{}
	for _, s := range all {
		if s.Bad() {
			bad[s.Function]++
		} else {
			good[s.Function]++
		}
		if s.Why() == "" && string(s.Want) != "null\n" {
			t.Errorf("%s does not say why", s.Name())
		}
		var event map[string]any
		if err := json.Unmarshal(s.Event, &event); err != nil {
			t.Errorf("%s: %v", s.Name(), err)
		}
	}
	folders, err := filepath.Glob(filepath.Join(localtest.Root(t), "functions/*/main.go"))
	if err != nil || len(folders) < 6 {
		t.Fatal(folders, err)
	}
	for _, main := range folders {
		f := filepath.Base(filepath.Dir(main))
		if good[f] < 1 || bad[f] < 2 && reasons[f] == "" {
			t.Errorf("events-samples/%s: %d good and %d bad", f, good[f], bad[f])
		}
	}
	t.Log("functions:", slices.Sorted(maps.Keys(good)))
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
	"github.com/mi-telecom/mi-connect/infra/deploy/stage"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
)

const repository = "../.."

// world is an emulated AWS, the command, and what answers the smoke test in the place of a stage: the same template
// under infra/local, CDN included.
type world struct {
	t        *testing.T
	endpoint string
	binary   string
	packed   string
	stages   string
	served   *stack.Stack
	data     string // of served
	*cloud.Cloud
}

func begin(t *testing.T) *world {
	if os.Getenv("DEPLOY_TEST") == "" {
		t.Skip("make deploy-test runs it: it builds all functions and starts an emulation of AWS")
	}
	w := &world{
		t: t, binary: filepath.Join(t.TempDir(), "deploy"), packed: t.TempDir(), stages: t.TempDir(), data: t.TempDir(),
	}
	w.emulate()
	build := exec.Command("go", "build", "-o", w.binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if given := os.Getenv("DEPLOY_PACKED"); given != "" { // to try again without building
		w.packed = given
	} else if out, err := exec.Command(
		w.binary, "pack", "-root", repository, "-packed", w.packed,
	).CombinedOutput(); err != nil {
		t.Fatalf("pack: %v\n%s", err, out)
	}
	w.served = localtest.StartWith(t, stack.Options{Root: localtest.Root(t), DataDir: w.data})
	return w
}

// emulate starts the emulation on a free port.
func (w *world) emulate() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	python, err := filepath.Abs(filepath.Join(repository, ".tools/moto/bin/python3"))
	if err != nil {
		w.t.Fatal(err)
	}
	server := exec.Command(python, "server.py", port)
	server.Dir = "emulation"
	server.Env = append(server.Environ(), "AWS_DEFAULT_REGION=eu-west-2", "PYTHONDONTWRITEBYTECODE=1")
	var said bytes.Buffer
	server.Stderr = &said
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if w.t.Failed() {
			w.t.Log(regexp.MustCompile(`(?m)^127.*(200|201|204|404) -$\n`).ReplaceAllString(said.String(), ""))
		}
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "emulation at") {
		w.t.Fatalf("the emulation did not start: %q, %v\n%s", line, err, said.String())
	}
	w.endpoint = "http://127.0.0.1:" + port
	w.Cloud = cloud.New(aws.Config{Region: "eu-west-2", BaseEndpoint: &w.endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("emulation", "emulation", "")}, w.endpoint)
}

// control does what a person, or AWS in its own time, would.
func (w *world) control(asked string) {
	w.t.Helper()
	got, err := http.Post(w.endpoint+"/_emulation", "application/json", strings.NewReader(asked))
	if err != nil {
		w.t.Fatal(err)
	}
	defer got.Body.Close()
	if text, _ := io.ReadAll(got.Body); got.StatusCode != 200 {
		w.t.Fatalf("%s: %s", asked, text)
	}
}

// zone makes a zone of Route 53.
func (w *world) zone(name string) {
	w.t.Helper()
	if _, err := w.Zones.CreateHostedZone(
		w.t.Context(), &route53.CreateHostedZoneInput{Name: &name, CallerReference: &name},
	); err != nil {
		w.t.Fatal(err)
	}
}

// conf writes a stage's file.
func (w *world) conf(name, domain string, more ...string) {
	w.t.Helper()
	text := fmt.Sprintf("Region=eu-west-2\nDomain=%s\nMailFrom=Mi Connect "+
		"<no-reply@%s.example>\nPrivacyEmail=privacy@%s.example\nAlarmEmail=ops@%s.example\n%s\n",
		domain, name, name, name, strings.Join(more, "\n"))
	if err := os.WriteFile(filepath.Join(w.stages, name+".conf"), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) stage(name string) *stage.Stage {
	w.t.Helper()
	s, err := stage.Load(repository, w.stages, name, func(string) string { return "" })
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) command(verb, name string, more ...string) *exec.Cmd {
	args := append([]string{verb, "-root", repository, "-stages", w.stages, "-stage", name, "-poll", "20ms"}, more...)
	if verb == "up" {
		args = append(args, "-packed", w.packed, "-base", w.served.Origin)
	}
	cmd := exec.Command(w.binary, args...)
	cmd.Env = append(
		cmd.Environ(), "AWS_ENDPOINT_URL="+w.endpoint, "AWS_ACCESS_KEY_ID=emulation", "AWS_SECRET_ACCESS_KEY=emulation",
		"AWS_MAX_ATTEMPTS=2",
	)
	return cmd
}

// run returns what the command said, and whether it succeeded.
func (w *world) run(verb, name string, more ...string) (string, bool) {
	w.t.Helper()
	bridge := w.bridge(name)
	defer bridge()
	out, err := w.command(verb, name, more...).CombinedOutput()
	w.t.Logf("%s %s %v: %v\n%s", verb, name, more, err, out)
	return string(out), err == nil
}

// up must succeed.
func (w *world) up(name string, more ...string) string {
	w.t.Helper()
	out, ok := w.run("up", name, more...)
	if !ok {
		w.t.Fatal("it failed")
	}
	return out
}

// killAt begins a deployment and kills it, as by a lost power supply, when it says one of some words.
func (w *world) killAt(name string, words ...string) {
	w.t.Helper()
	cmd := w.command("up", name)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	lines, said := bufio.NewScanner(out), ""
	for lines.Scan() {
		said += lines.Text() + "\n"
		if slices.ContainsFunc(words, func(one string) bool { return strings.Contains(lines.Text(), one) }) {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			w.t.Logf("killed at %q", words)
			return
		}
	}
	_ = cmd.Wait()
	w.t.Fatalf("it never said %q:\n%s", words, said)
}

// bridge carries function deliver's records to where CloudWatch would have them, until it is called: what was there
// before as of ten minutes ago, what comes as of now.
func (w *world) bridge(name string) (end func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	log := filepath.Join(w.data, "logs", "DeliverFunction.log")
	text, _ := os.ReadFile(log) // there is none before the first mail
	before := bytes.Count(text, []byte("\n"))
	go func() {
		defer close(done)
		for sent := 0; ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
			text, err := os.ReadFile(log)
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			if err != nil || len(lines) <= sent {
				continue
			}
			resources, err := w.Resources(ctx, "mi-connect-"+name)
			group := resources["FunctionLog"].PhysicalResourceId
			if err != nil || group == nil {
				continue
			}
			stream := aws.String(fmt.Sprint("deliver-", time.Now().UnixNano()))
			if _, err := w.Logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{
				LogGroupName: group, LogStreamName: stream,
			}); err != nil {
				continue
			}
			var events []logtypes.InputLogEvent
			for i, l := range lines[sent:] {
				at := time.Now()
				if sent+i < before {
					at = at.Add(-10 * time.Minute)
				}
				events = append(events, logtypes.InputLogEvent{Message: aws.String(l), Timestamp: aws.Int64(at.UnixMilli())})
			}
			if _, err := w.Logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{
				LogGroupName: group, LogStreamName: stream, LogEvents: events,
			}); err == nil {
				sent = len(lines)
			}
		}
	}()
	return func() { cancel(); <-done }
}

// tables are the names of a stage's tables, of whatever stack.
func (w *world) tables(name string) (out []string) {
	w.t.Helper()
	pages := dynamodb.NewListTablesPaginator(w.Tables, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, table := range page.TableNames {
			if strings.HasPrefix(table, "mi-connect-"+name+"-") {
				out = append(out, table)
			}
		}
	}
	return out
}

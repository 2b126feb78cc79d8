package stack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

var built struct {
	sync.Once
	dir string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// project is a folder with testdata's template, its function and some pages.
func project(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		built.dir, _ = os.MkdirTemp("", "built") //nolint:usetesting // outlives the first test; TestMain removes it
		localtest.Build(t, "infra/local/testdata/function", filepath.Join(built.dir, "bootstrap"))
	})
	root := t.TempDir()
	link := func(from, to string) {
		to = filepath.Join(root, to)
		_ = os.MkdirAll(filepath.Dir(to), 0o700)
		if err := os.Symlink(from, to); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(localtest.Root(t), "infra/local/testdata/template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, root, "template.yaml", strings.ReplaceAll(string(text), "/dev/null", filepath.Join(root, "seen")))
	link(filepath.Join(built.dir, "bootstrap"), ".build/functions/worker/bootstrap")
	link(filepath.Join(localtest.Root(t), "node_modules"), "node_modules")
	return root
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	_ = os.MkdirAll(filepath.Dir(path), 0o700)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func request(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp, string(text)
}

func put(t *testing.T, s *stack.Stack, key string) {
	t.Helper()
	table := template.Stack + "-Things"
	if _, err := s.Dynamo.Client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &table,
		Item: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: key}}}); err != nil {
		t.Fatal(err)
	}
}

// eventually waits for what must come within three seconds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not happen", what)
		}
	}
}

func seen(root string) string {
	text, _ := os.ReadFile(filepath.Join(root, "seen"))
	return string(text)
}

func TestWhatTheTemplateDeclaresRuns(t *testing.T) {
	t.Setenv("FROM_OUTSIDE", "given")
	root, said := project(t), &localtest.Said{}
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data"), Out: said})

	if resp, body := request(t, "GET", s.Origin+"/_local/health", ""); resp.StatusCode != 200 ||
		!strings.Contains(body, `{"ready":true}`) {
		t.Errorf("health: %d %s", resp.StatusCode, body)
	}
	resp, body := request(
		t, "POST", s.Origin+"/v1/front/echo?x=1", "hello", "Content-Type", "text/plain", "Origin", "https://shop.example",
	)
	var event map[string]any
	if err := json.Unmarshal([]byte(body), &event); err != nil || resp.StatusCode != 200 ||
		resp.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%d %v %s", resp.StatusCode, resp.Header, body)
	}
	if event["body"] != "hello" || event["routeKey"] != "ANY /v1/front/{what}" || event["rawQueryString"] != "x=1" {
		t.Errorf("event %v", event)
	}

	resp, body = request(t, "POST", s.Origin+"/_local/invoke/Front", `{}`)
	var direct struct{ Env map[string]string }
	if err := json.Unmarshal([]byte(body), &direct); err != nil {
		t.Fatalf("%d %s: %v", resp.StatusCode, body, err)
	}
	env := direct.Env
	if env["THINGS"] != "mi-connect-local-Things" || env["STAGE"] != "local" || env["ORIGIN"] != s.Origin ||
		!strings.HasPrefix(env["MAIL_URL"], "smtp://127.0.0.1:") ||
		len(env["KEY"]) != 24 || env["FROM_OUTSIDE"] != "given" || env["AWS_ENDPOINT_URL_DYNAMODB"] == s.Dynamo.Endpoint {
		t.Errorf("env %v", env)
	}
	resp, body = request(
		t, "POST", env["AWS_ENDPOINT_URL_SECRETS_MANAGER"], fmt.Sprintf(`{"SecretId":%q}`, env["KEY_ARN"]), "X-Amz-Target",
		"secretsmanager.GetSecretValue", "Authorization", "AWS4-HMAC-SHA256 Credential=Front/x",
	)
	if !strings.Contains(body, env["KEY"]) {
		t.Errorf("secret: %d %s", resp.StatusCode, body)
	}
	// Nobody, and a function without the right, are told of no secret, not even that there is none.
	for _, who := range []string{"", "Back"} {
		resp, body = request(t, "POST", env["AWS_ENDPOINT_URL_SECRETS_MANAGER"],
			fmt.Sprintf(`{"SecretId":%q}`, env["KEY_ARN"]), "X-Amz-Target", "secretsmanager.GetSecretValue",
			"Authorization", "AWS4-HMAC-SHA256 Credential="+who+"/x")
		if resp.StatusCode != 400 || !strings.Contains(body, "AccessDeniedException") {
			t.Errorf("the secret for %q: %d %s", who, resp.StatusCode, body)
		}
	}
	if info, err := os.Stat(filepath.Join(root, "data", "secrets.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("secrets.json: %v %v", info, err)
	}

	put(t, s, "one")
	eventually(t, "the change's arrival", func() bool { return seen(root) == "one\n" })

	for path, want := range map[string]int{
		"/v1/front/fail": 500, "/v1/front/slow": 503, "/v1/unbuilt": 500, "/v1/guarded": 501, "/v1/nothing": 404,
	} {
		if resp, body := request(t, "GET", s.Origin+path, ""); resp.StatusCode != want ||
			!strings.Contains(body, `"message"`) {
			t.Errorf("%s: %d %s, want %d", path, resp.StatusCode, body, want)
		}
	}
	if text := said.String(); !strings.Contains(text, "told to fail") || !strings.Contains(text, "timed out") ||
		!strings.Contains(text, "make build") {
		t.Errorf("said %s", text)
	}

	var report bytes.Buffer
	s.Report(&report)
	for _, want := range []string{s.Origin, s.DemoOrigin, "allow this origin: " + s.DemoOrigin, "/_local/mail",
		"3 functions", "3 routes", "1 table on dynoxide", "1 stream mapping", "1 schedule",
		"Unbuilt: is not built", "GET /v1/guarded: its authorizer does not run " +
			"here", "Front.Messages: events of type SQS", "SNS Topic (Topic)", "Ctrl-C"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, report.String())
		}
	}
	if strings.Contains(report.String(), "CloudFront") {
		t.Errorf("the report names what does run:\n%s", report.String())
	}
}

func TestOtherWebsitesAreKeptOut(t *testing.T) {
	root := project(t)
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data")})
	if resp, _ := request(
		t, "GET", s.Origin+"/_local/mail", "", "Host", "evil.example",
	); resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another name for this machine: %d", resp.StatusCode)
	}
	if resp, _ := request(
		t, "POST", s.Origin+"/_local/invoke/Front", "{}", "Origin", s.DemoOrigin,
	); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another website invokes: %d", resp.StatusCode)
	}
	if resp, _ := request(t, "POST", s.Origin+"/_local/invoke/Nobody", "{}"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown function: %d", resp.StatusCode)
	}
}

func TestEngineThatDiesIsStartedAgain(t *testing.T) {
	root, said := project(t), &localtest.Said{}
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data"), Out: said})
	put(t, s, "before")
	eventually(t, "the first change", func() bool { return seen(root) == "before\n" })
	pid := s.Dynamo.Pid()
	_ = syscall.Kill(pid, syscall.SIGKILL)
	eventually(t, "a new process", func() bool { return s.Dynamo.Pid() != pid })
	put(t, s, "after")
	eventually(t, "the second change", func() bool { return seen(root) == "before\nafter\n" })
	if !strings.Contains(said.String(), "dynoxide ended") {
		t.Errorf("said %s", said)
	}
}

func TestChangedKeysAreNamed(t *testing.T) {
	root := project(t)
	o := stack.Options{Root: root, DataDir: filepath.Join(root, "data")}
	s, err := stack.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	text, _ := os.ReadFile(filepath.Join(root, "template.yaml"))
	// A new index and another stream are taken on; other keys cannot be.
	indexed := strings.Replace(string(text), "IndexName: other", "IndexName: another", 1)
	write(t, root, "template.yaml", strings.Replace(indexed, "NEW_IMAGE", "KEYS_ONLY", 1))
	if s, err = stack.Start(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	write(t, root, "template.yaml", strings.ReplaceAll(string(text), "AttributeName: pk", "AttributeName: id"))
	if _, err := stack.Start(context.Background(), o); err == nil ||
		!strings.Contains(err.Error(), "table Things was made with other keys") || !strings.Contains(err.Error(), o.DataDir) {
		t.Errorf("other keys: %v", err)
	}
}

func TestTakenPortAndData(t *testing.T) {
	root := project(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	if _, err := stack.Start(
		context.Background(), stack.Options{Root: root, DataDir: filepath.Join(root, "data"), Port: port},
	); err == nil ||
		!strings.Contains(err.Error(), fmt.Sprintf("port %d is taken", port)) || !strings.Contains(err.Error(), "PORT=") {
		t.Errorf("%v", err)
	}
	o := stack.Options{Root: root, DataDir: filepath.Join(root, "data")}
	localtest.StartWith(t, o)
	if _, err := stack.Start(context.Background(), o); err == nil ||
		!strings.Contains(err.Error(), "in use by another run") {
		t.Errorf("the same data twice: %v", err)
	}
}

// TestKilled runs the program itself: after kill -9 no process is left, and nothing is lost.
func TestKilled(t *testing.T) {
	root := project(t)
	program := filepath.Join(root, "local")
	localtest.Build(t, "infra/local", program)
	port := freePair(t)
	start := func() *exec.Cmd {
		cmd := exec.Command(program, "-root", root)
		cmd.Env = append(os.Environ(), "PORT="+strconv.Itoa(port), "DATA_DIR="+filepath.Join(root, "data"))
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		eventually(t, "serving", func() bool {
			resp, err := http.Get(fmt.Sprintf("http://localhost:%d/_local/health", port))
			if err == nil {
				resp.Body.Close()
			}
			return err == nil && resp.StatusCode == 200
		})
		return cmd
	}
	origin := fmt.Sprintf("http://localhost:%d", port)
	direct := func() (env map[string]string, pid int) {
		_, body := request(t, "POST", origin+"/_local/invoke/Front", `{}`)
		var out struct {
			Env map[string]string
			Pid int
		}
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		return out.Env, out.Pid
	}
	db := func(env map[string]string) *stack.Stack {
		return &stack.Stack{Dynamo: dynamo.At(env["AWS_ENDPOINT_URL_DYNAMODB"])}
	}

	first := start()
	before, pid := direct()
	put(t, db(before), "kept")
	eventually(t, "the change's arrival", func() bool { return seen(root) == "kept\n" })
	eventually(t, "the note of it", func() bool {
		text, _ := os.ReadFile(filepath.Join(root, "data/streams/Back-Changes.json"))
		return strings.Contains(string(text), `"sequence"`)
	})
	_ = first.Process.Kill()
	_ = first.Wait()
	eventually(t, "the function's end", func() bool { return syscall.Kill(pid, 0) != nil || zombie(pid) })

	second := start()
	after, _ := direct()
	if after["KEY"] != before["KEY"] {
		t.Error("the secret is another one")
	}
	out, err := dynamo.At(after["AWS_ENDPOINT_URL_DYNAMODB"]).Client.Scan(
		context.Background(), &dynamodb.ScanInput{TableName: ptr(template.Stack + "-Things")},
	)
	if err != nil || len(out.Items) != 1 {
		t.Errorf("after kill -9: %v, %v", out, err)
	}
	put(t, db(after), "more")
	eventually(t, "the next change", func() bool { return strings.HasSuffix(seen(root), "more\n") })
	if text := seen(root); text != "kept\nmore\n" {
		t.Errorf("the function saw %q: it is to continue where it was", text)
	}
	// Ctrl-C ends it, and what it started.
	_, pid = direct()
	_ = second.Process.Signal(os.Interrupt)
	if err := second.Wait(); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}
	if syscall.Kill(pid, 0) == nil && !zombie(pid) {
		t.Error("a function is left")
	}
}

func ptr[T any](v T) *T { return &v }

// zombie tells whether a process has ended and only waits for its parent to notice.
func zombie(pid int) bool {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return strings.Contains(string(text), ") Z ")
}

// freePair finds two ports in a row.
func freePair(t *testing.T) int {
	t.Helper()
	for range 50 {
		a, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := a.Addr().(*net.TCPAddr).Port
		b, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		a.Close()
		if err == nil {
			b.Close()
			return port
		}
	}
	t.Fatal("no two free ports in a row")
	return 0
}

package samples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/mailbox"
	"github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/internal/apitest"
)

// request sends one request to a function and returns its answer.
func (s *stack) request(function string, r apitest.Request) apitest.Answer {
	s.T.Helper()
	body := ""
	if r.Body != nil {
		text, err := json.Marshal(r.Body)
		if err != nil {
			s.T.Fatal(err)
		}
		body = string(text)
	}
	out, err := s.pools[function].Invoke(s.T.Context(), apitest.Event("run", r, body))
	if err != nil {
		s.T.Fatalf("%s: %s %s: %v", function, r.Method, r.Path, err)
	}
	var said struct {
		StatusCode int
		Headers    map[string]string
		Body       string
	}
	if err := json.Unmarshal(out, &said); err != nil {
		s.T.Fatal(err)
	}
	a := apitest.Answer{Status: said.StatusCode, Header: said.Headers, Body: said.Body}
	for _, v := range apitest.Violations(s.T, r, body, a) {
		s.T.Errorf("docs/api.yaml: %s %s: %s", r.Method, r.Path, v)
	}
	return a
}

// feed gives a function the next n changes of the table whose stream it reads, one by one and twice.
func (s *stack) feed(function, table string, n int) {
	s.T.Helper()
	server := localtest.Server(s.T)
	client := dynamodbstreams.New(dynamodbstreams.Options{
		Region: template.Region, BaseEndpoint: &server.Endpoint, Credentials: dynamo.Credentials,
	})
	name := s.Env[table]
	list, err := client.ListStreams(s.T.Context(), &dynamodbstreams.ListStreamsInput{TableName: &name})
	if err != nil || len(list.Streams) != 1 {
		s.T.Fatal(list, err)
	}
	f := s.pools[function].Function
	for i, e := range f.EventSources {
		if e.Type == "DynamoDB" {
			e.Properties["Stream"] = *list.Streams[0].StreamArn
			f.EventSources[i] = e
		}
	}
	batches, err := streams.Collect(
		s.T.Context(), client, []template.Function{f}, f.ID, filepath.Join(s.logs, "streams"), 1, n,
	)
	if err != nil || len(batches) == 0 {
		s.T.Fatalf("%s: %d batches, %v", function, len(batches), err)
	}
	for _, batch := range slices.Concat(batches, batches) {
		answer, err := s.pools[function].Invoke(s.T.Context(), batch)
		if err != nil || !strings.Contains(string(answer), `"batchItemFailures":[]`) {
			s.T.Fatalf("%s: %s, %v", function, answer, err)
		}
	}
}

// The main job through the built functions, from a registration to the counts of a visit. Afterwards no
// table holds a token, a link or a password that could be used, and no log a name, number or address.
func TestAWholeRunLeavesNothingUsable(t *testing.T) {
	box, err := mailbox.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go box.Serve(l)
	t.Cleanup(func() { l.Close() })
	s := start(t, map[string]string{"MailUrl": "smtp://" + l.Addr().String()})
	post := func(function, path string, body any, bearer string, header map[string]string) apitest.Answer {
		t.Helper()
		return s.request(function, apitest.Request{Method: "POST", Path: path, Body: body, Bearer: bearer, Header: header})
	}
	want := func(a apitest.Answer, status int) apitest.Answer {
		t.Helper()
		if a.Status != status {
			t.Fatalf("%d, not %d: %s", a.Status, status, a.Body)
		}
		return a
	}
	const email, password = "owner@shop.example", "correct horse battery staple"
	secrets := map[string]string{"password": password}

	want(
		post(
			"login", "/v1/register",
			map[string]any{"email": email, "password": password, "name": "Olive Owner", "company": "Olive's"}, "", nil,
		),
		202,
	)
	s.feed("deliver", "OUTBOX_TABLE", 1)
	mails := box.List("")
	if len(mails) != 1 || len(mails[0].Links) == 0 {
		t.Fatalf("%d mails: %+v", len(mails), mails)
	}
	_, link, _ := strings.Cut(mails[0].Links[0], "token=")
	verified := want(post("login", "/v1/verify", map[string]any{"token": link, "password": password}, "", nil), 200)
	first := verified.Text("token")
	second := want(
		post("login", "/v1/login", map[string]any{"email": email, "password": password}, "", nil), 200,
	).Text("token")
	secrets["used link"], secrets["session token"], secrets["second session token"] = link, first, second

	// Another sign-up waits: its link is good, and must be nowhere but in its mail.
	want(
		post(
			"login", "/v1/register",
			map[string]any{"email": "waiting@shop.example", "password": password, "name": "Wanda", "company": "Waiting"}, "",
			nil,
		),
		202,
	)
	s.feed("deliver", "OUTBOX_TABLE", 1)
	for _, m := range box.List("waiting@shop.example") {
		_, secrets["waiting link"], _ = strings.Cut(m.Links[0], "token=")
	}
	if secrets["waiting link"] == "" {
		t.Fatal("no second mail")
	}

	site := want(
		post(
			"dashboard", "/v1/sites", map[string]any{"name": "Olive's", "origins": []string{"https://shop.example"}}, second,
			nil,
		),
		201,
	)
	widget := want(s.request("callbacks", apitest.Request{Method: "GET", Path: "/v1/widget/" + site.Text("key")}), 200)
	const session = "A-visit_of_one_session"
	for _, steps := range [][]string{{"impression"}, {"open"}, {"submit"}, {"impression", "open"}} {
		var events []any
		for i, step := range steps {
			events = append(events, map[string]any{"type": step, "t": i})
		}
		want(post("events", "/v1/events",
			map[string]any{
				"site": site.Text("key"), "session": session, "page": "/u/vera@visitor.example", "proof": widget.Text("proof"),
				"events": events,
			},
			"",
			map[string]string{"origin": "https://shop.example"}), 202)
	}
	made := want(post("callbacks", "/v1/callbacks",
		map[string]any{
			"site": site.Text("key"), "name": "Vera Visitor", "phone": "07700 900123", "email": "vera@visitor.example",
			"page": "https://shop.example/",
		},
		"",
		map[string]string{"origin": "https://shop.example", "idempotency-key": "3f2b8c1e-visitor-key"}), 201)
	_, secrets["private link"], _ = strings.Cut(made.Text("manageUrl"), "token=")
	secrets["idempotency key"] = "3f2b8c1e-visitor-key"

	s.feed("rollup", "VISITS_TABLE", 3)
	now := time.Now().UTC()
	stats := want(s.request("dashboard", apitest.Request{Method: "GET", Bearer: second,
		Path: fmt.Sprintf("/v1/sites/%s/stats?from=%s&to=%s", site.Text("id"), now.AddDate(0, 0, -1).Format(time.DateOnly), now.AddDate(0, 0, 1).Format(time.DateOnly))}), 200)
	if !strings.Contains(stats.Body, `"totals":{"impressions":1,"opens":1,"submits":1}`) ||
		!strings.Contains(stats.Body, `"key":"other"`) || strings.Contains(stats.Body, `"key":"/u/`) ||
		!strings.Contains(s.Dump(), "/u/*") {
		t.Errorf("one visit, counted once, masked and not divided: %s", stats.Body)
	}
	inbox := want(
		s.request("dashboard", apitest.Request{
			Method: "GET", Path: "/v1/sites/" + site.Text("id") + "/callbacks", Bearer: second,
		}),
		200,
	)
	if !strings.Contains(inbox.Body, "+447700900123") {
		t.Errorf("%s", inbox.Body)
	}

	dump := s.Dump()
	if !strings.Contains(dump, email) || !strings.Contains(dump, "+447700900123") {
		t.Fatal("the dump does not hold what it must")
	}
	for what, secret := range secrets {
		for _, part := range append(strings.Split(secret, "."), secret) {
			// The first parts are a user's and a registration's id, the last an expiry: none opens anything.
			if len(part) < 20 || part == strings.Split(secret, ".")[0] && what != "password" && what != "idempotency key" {
				continue
			}
			if strings.Contains(dump, part) {
				t.Errorf("a table holds the %s: %s", what, part)
			}
		}
	}
	// The visit and the request are never joined: what names the one stands nowhere near the other.
	for _, table := range s.Tables() {
		for _, i := range s.Items(table) {
			text := fmt.Sprint(i)
			if table != "VISITS_TABLE" && strings.Contains(text, session) {
				t.Errorf("%s knows the visit's session: %s", table, text)
			}
			if table == "VISITS_TABLE" && (strings.Contains(text, "7700900123") || strings.Contains(text, "vera@")) {
				t.Errorf("a visit knows the visitor: %s", text)
			}
		}
	}
	output := s.output()
	for _, private := range append(
		[]string{
			email, "waiting@shop", "Olive Owner", "Vera", "vera@", "7700900123", "07700", session, "198.51.100.7", "Firefox/153",
		},
		slices.Collect(maps.Values(secrets))...,
	) {
		if strings.Contains(output, private) {
			t.Errorf("a log holds %q", private)
		}
	}
	if strings.Count(output, "\n") < 12 {
		t.Errorf("the logs are short: %s", output)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// account is as much of an AWS account as rollback sees: a stack's events, aliases, a bucket with versions, a CDN.
type account struct {
	status      string
	events      []string // XML, the newest first
	versions    map[string][]int
	serving     map[string]int
	shifted     map[string]bool // an alias that also calls a second version
	objects     []object
	failAfter   int // writes that are let through; below 0 all
	writes      int
	invalidated int
}

type object struct {
	key, id string
	at      time.Time
	removed bool // a delete marker
}

const stackID = "arn:aws:cloudformation:eu-west-2:1:stack/mi-connect/1"

// release publishes a version of some functions, as a change of the stack does.
func (a *account) release(functions ...string) {
	event := func(kind, id, status string) {
		a.events = slices.Insert(a.events, 0, fmt.Sprintf("<member><StackId>%s</StackId><EventId>e%d</EventId><StackName>mi-connect</StackName><Timestamp>2026-11-27T00:00:00Z</Timestamp>"+
			"<ResourceType>%s</ResourceType><PhysicalResourceId>%s</PhysicalResourceId><ResourceStatus>%s</ResourceStatus></member>", stackID, len(a.events), kind, id, status))
	}
	event(
		"AWS::CloudFormation::Stack", stackID,
		map[bool]string{true: "CREATE_IN_PROGRESS", false: "UPDATE_IN_PROGRESS"}[len(a.events) == 0],
	)
	for _, f := range functions {
		n := len(a.versions[f]) + 1
		a.versions[f] = append(a.versions[f], n)
		event("AWS::Lambda::Version", "", "CREATE_IN_PROGRESS")
		event("AWS::Lambda::Version", fmt.Sprintf("arn:aws:lambda:eu-west-2:1:function:%s:%d", f, n), "CREATE_COMPLETE")
		a.serving[f] = n
	}
	event("AWS::CloudFormation::Stack", stackID, "UPDATE_COMPLETE")
}

func (a *account) put(at time.Time, keys ...string) {
	for _, k := range keys {
		a.objects = append(a.objects, object{key: k, id: k + "@" + at.Format("15:04"), at: at})
	}
}

// shown is what the bucket serves, by key.
func (a *account) shown() map[string]string {
	out := map[string]string{}
	for _, o := range a.objects { // in the order in which they were put
		out[o.key] = o.id
		if o.removed {
			delete(out, o.key)
		}
	}
	return out
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if r.Method != http.MethodGet && r.Form.Get("Action") == "" {
		if a.failAfter >= 0 && a.writes >= a.failAfter {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		a.writes++
	}
	switch action := r.Form.Get("Action"); {
	case action == "DescribeStacks":
		a.answer(
			w, action, "Stacks",
			fmt.Sprintf(
				"<member><StackName>mi-connect</StackName><CreationTime>2026-11-27T00:00:00Z</CreationTime><StackStatus>%s</StackStatus></member>",
				a.status,
			),
		)
	case action == "DescribeStackEvents":
		a.answer(w, action, "StackEvents", strings.Join(a.events, ""))
	case action == "ListStackResources":
		list := "<member><ResourceType>AWS::S3::Bucket</ResourceType><PhysicalResourceId>pages</PhysicalResourceId></member>" +
			"<member><ResourceType>AWS::CloudFront::Distribution</ResourceType><PhysicalResourceId>E1</PhysicalResourceId></member>"
		for _, f := range slices.Sorted(maps.Keys(a.versions)) {
			list += "<member><ResourceType>AWS::Lambda::Function</ResourceType><PhysicalResourceId>" + f +
				"</PhysicalResourceId></member>"
		}
		a.answer(w, action, "StackResourceSummaries", list)
	case path[0] == "2015-03-31" && path[3] == "versions":
		list := []map[string]string{{"Version": "$LATEST"}}
		for _, n := range a.versions[path[2]] {
			list = append(list, map[string]string{"Version": strconv.Itoa(n)})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Versions": list})
	case path[0] == "2015-03-31" && path[3] == "aliases":
		if r.Method == http.MethodPut {
			var in struct {
				FunctionVersion string
				RoutingConfig   *struct{ AdditionalVersionWeights map[string]float64 }
			}
			_ = json.NewDecoder(r.Body).Decode(&in)
			a.serving[path[2]], _ = strconv.Atoi(in.FunctionVersion)
			a.shifted[path[2]] = in.RoutingConfig == nil && a.shifted[path[2]]
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"FunctionVersion": strconv.Itoa(a.serving[path[2]])})
	case path[0] == "pages" && r.Method == http.MethodGet:
		a.list(w)
	case path[0] == "pages" && r.Method == http.MethodDelete:
		id := r.URL.Query().Get("versionId")
		a.objects = slices.DeleteFunc(a.objects, func(o object) bool { return o.id == id })
		w.WriteHeader(http.StatusNoContent)
	case strings.HasSuffix(r.URL.Path, "/distribution/E1/invalidation"):
		a.invalidated++
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, "<Invalidation><Id>I1</Id></Invalidation>")
	default:
		http.Error(w, r.Method+" "+r.URL.String(), http.StatusTeapot)
	}
}

func (a *account) answer(w http.ResponseWriter, action, list, members string) {
	fmt.Fprintf(
		w, "<%sResponse><%sResult><%s>%s</%s></%sResult></%sResponse>", action, action, list, members, list, action, action,
	)
}

func (a *account) list(w http.ResponseWriter) {
	out := "<ListVersionsResult><IsTruncated>false</IsTruncated>"
	for _, o := range a.objects {
		element := map[bool]string{false: "Version", true: "DeleteMarker"}[o.removed]
		var key bytes.Buffer
		_ = xml.EscapeText(&key, []byte(o.key))
		out += fmt.Sprintf(
			"<%s><Key>%s</Key><VersionId>%s</VersionId><LastModified>%s</LastModified></%s>", element, key.String(), o.id,
			o.at.Format(time.RFC3339), element,
		)
	}
	fmt.Fprint(w, out+"</ListVersionsResult>")
}

func newAccount(t *testing.T) (*account, func(only string, dry bool) (string, error)) {
	a := &account{
		status: "UPDATE_COMPLETE", versions: map[string][]int{}, serving: map[string]int{}, shifted: map[string]bool{},
		failAfter: -1,
	}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	settings := aws.Config{
		Region: "eu-west-2", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		RetryMaxAttempts: 1,
	}
	return a, func(only string, dry bool) (string, error) {
		var out bytes.Buffer
		err := open(settings, "mi-connect", dry, &out).run(t.Context(), only)
		return out.String(), err
	}
}

// A release takes back what it brought, and no function that it left alone.
func TestFunctionsGoBackByRelease(t *testing.T) {
	a, back := newAccount(t)
	a.release("events", "login", "rollup")
	a.release("events", "login")
	a.release("login")
	a.release() // parameters of something else
	a.shifted["login"] = true
	for _, want := range []map[string]int{{"events": 2, "login": 2, "rollup": 1}, {"events": 1, "login": 1, "rollup": 1}} {
		before := maps.Clone(a.serving)
		if out, err := back("functions", true); err != nil || !maps.Equal(a.serving, before) ||
			!strings.Contains(out, "login") {
			t.Errorf("dry: %v, %v: %s", a.serving, err, out)
		}
		if out, err := back("functions", false); err != nil || !maps.Equal(a.serving, want) {
			t.Errorf("%v, not %v: %v: %s", a.serving, want, err, out)
		}
	}
	if a.shifted["login"] {
		t.Error("the alias still gives some calls to the version that was taken back")
	}
	if out, err := back("functions", false); !errors.Is(err, errNothing) {
		t.Errorf("the first release was taken back: %v: %s", err, out)
	}
}

func TestARollbackThatIsCutOffGoesOn(t *testing.T) {
	a, back := newAccount(t)
	a.release("events", "login", "rollup")
	a.release("events", "login", "rollup")
	a.failAfter = 2
	if out, err := back("functions", false); err == nil {
		t.Fatalf("nothing failed: %s", out)
	}
	a.failAfter = -1
	if _, err := back("functions", false); err != nil || a.serving["events"] != 1 || a.serving["login"] != 1 ||
		a.serving["rollup"] != 1 {
		t.Errorf("%v, %v", a.serving, err)
	}
}

func TestPagesGoBackByUpload(t *testing.T) {
	a, back := newAccount(t)
	a.release("login")
	day := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	a.put(day, "assets/a1.js", "robots.txt", "widget/p1.js", "widget.js", "index.html")
	first := a.shown()
	a.put(day.Add(time.Hour), "assets/a2.js", "index.html")
	a.objects = append(a.objects, object{key: "robots.txt", id: "gone", at: day.Add(61 * time.Minute), removed: true})
	second := a.shown()
	a.put(day.Add(2*time.Hour), "assets/a3.js", "widget/p3.js")
	a.put(day.Add(2*time.Hour+5*time.Minute), "widget.js", "index.html")
	third := a.shown()

	if out, err := back("pages", true); err != nil || !maps.Equal(a.shown(), third) || a.invalidated != 0 ||
		!strings.Contains(out, "widget.js") {
		t.Errorf("dry: %v: %s", err, out)
	}
	a.failAfter = 1
	if out, err := back("pages", false); err == nil {
		t.Fatalf("nothing failed: %s", out)
	}
	a.failAfter = -1
	same := func(want map[string]string, what string) {
		t.Helper()
		got := a.shown()
		for _, key := range []string{"index.html", "widget.js", "robots.txt"} {
			if got[key] != want[key] {
				t.Errorf("%s: %s is %q, not %q", what, key, got[key], want[key])
			}
		}
		for key := range third { // what open pages still ask for
			if strings.Contains(key, "/") && got[key] == "" {
				t.Errorf("%s: %s is gone", what, key)
			}
		}
	}
	if _, err := back("pages", false); err != nil || a.invalidated != 1 {
		t.Errorf("%v, %d invalidations", err, a.invalidated)
	}
	same(second, "once")
	if _, err := back("pages", false); err != nil {
		t.Error(err)
	}
	same(first, "twice")
	if _, err := back("pages", false); !errors.Is(err, errNothing) {
		t.Errorf("the first upload was taken back: %v", err)
	}
}

func TestARollbackWaitsForWhatIsUnderWay(t *testing.T) {
	a, back := newAccount(t)
	a.release("login")
	a.release("login")
	a.status = "UPDATE_IN_PROGRESS"
	if _, err := back("", false); err == nil || a.serving["login"] != 2 {
		t.Errorf("a stack that is being changed was taken back: %v", err)
	}
	a.status = "UPDATE_ROLLBACK_COMPLETE"
	if out, err := back("", false); err != nil || a.serving["login"] != 1 {
		t.Errorf("%v: %s", err, out)
	}
}

func TestStacksAreCalledAfterTheirStage(t *testing.T) {
	for stage, want := range map[string]string{"prod": "mi-connect-prod", "staging": "mi-connect-staging"} {
		if got := stackOf(stage); got != want {
			t.Errorf("%s is %q", stage, got)
		}
	}
	if _, ok := parseVersion("arn:aws:lambda:eu-west-2:1:function:name"); ok {
		t.Error("a function is taken for a version")
	}
}

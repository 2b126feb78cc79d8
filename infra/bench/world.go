package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/lambda"
	"github.com/mi-telecom/mi-connect/infra/local/secrets"
	"github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

const (
	pageOrigin = "https://example.com"
	userAgent  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 " +
		"Safari/537.36"
)

// world is the template's tables and functions, with a meter on what the functions read and write.
type world struct {
	dynamo *dynamo.Server
	meter  *meter
	store  struct { // of our own: beside the meter
		store.Registrations
		store.Team
		store.Sites
		store.Counts
		store.Intake
	}
	callbacks string // the table's name
	functions []template.Function
	pools     map[string]*lambda.Pool
	dir       string

	mu   sync.Mutex
	said []string
}

func (b *bench) newWorld(ctx context.Context, name string) (*world, error) {
	w := &world{pools: map[string]*lambda.Pool{}, dir: filepath.Join(b.dir, name)}
	if err := w.start(ctx, b); err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

func (w *world) start(ctx context.Context, b *bench) error {
	engine, err := dynamo.Find(b.root)
	if err != nil {
		return err
	}
	b.versions = append(b.versions, engine.Name)
	if w.dynamo, err = dynamo.Start(ctx, engine, "", w.say); err != nil {
		return err
	}
	if w.meter, err = newMeter(w.dynamo.Endpoint); err != nil {
		return err
	}
	t, err := template.Load(filepath.Join(b.root, "template.yaml"), map[string]string{
		"Stage": "bench", "Origin": "http://localhost", "Architecture": template.Architecture(),
	})
	if err != nil {
		return err
	}
	tables, err := t.Tables()
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, table := range tables {
		stream, err := dynamo.Ensure(ctx, w.dynamo.Client, table)
		if err != nil {
			return err
		}
		t.SetAttribute(table.ID, "StreamArn", stream)
		names[table.Name] = true
	}
	if w.functions, _, err = t.Functions(); err != nil {
		return err
	}
	logs, err := lambda.NewLogs(filepath.Join(w.dir, "logs"), w.say)
	if err != nil {
		return err
	}
	reach := map[string]string{
		"AWS_REGION": template.Region, "AWS_ACCESS_KEY_ID": dynamo.AccessKey, "AWS_SECRET_ACCESS_KEY": dynamo.AccessKey,
	}
	ours := maps.Clone(reach)
	maps.Copy(reach, secrets.Texts(w.functions)) // Secrets Manager is not here
	for _, f := range w.functions {
		for k, v := range f.Env {
			if names[v] {
				ours[k] = v
			}
		}
		f.Env["AWS_ENDPOINT_URL_DYNAMODB"], f.Env["CDN_KEY"] = w.meter.URL, "" // nor a CDN
		w.pools[f.ID] = lambda.New(lambda.Config{
			Function: f, Binary: filepath.Join(b.root, ".build", f.CodeURI, "bootstrap"), Max: 1, Logs: logs, Say: w.say,
			Env: reach,
		})
	}
	ours["AWS_ENDPOINT_URL_DYNAMODB"] = w.dynamo.Endpoint
	db := store.Open(func(name string) string { return ours[name] })
	w.store.Registrations, w.store.Team = store.Registrations(db), store.Team(db)
	w.store.Sites, w.store.Counts = store.Sites(db), store.Counts(db)
	w.store.Intake, w.callbacks = store.Intake(db), ours["CALLBACKS_TABLE"]
	return nil
}

func (w *world) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, p := range w.pools {
		p.Stop(ctx)
	}
	if w.meter != nil {
		w.meter.close()
	}
	if w.dynamo != nil {
		w.dynamo.Stop()
	}
}

func (w *world) say(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, line)
}

// answer is what a function returns for a request.
type answer struct {
	StatusCode int    `json:"statusCode"`
	Body       string `json:"body"`
}

// visitorAddress is one of 65,536 networks: what is measured is the work for many visitors, not the bound of one
// network.
func visitorAddress() string { return fmt.Sprintf("10.%d.%d.7", rand.IntN(256), rand.IntN(256)) }

// call sends a function an API Gateway event (payload 2.0) and wants the given status.
func (w *world) call(
	ctx context.Context, function, method, path string, headers map[string]string, body string, want int,
) (answer, error) {
	all := map[string]string{
		"accept": "*/*", "accept-encoding": "gzip, br", "content-length": strconv.Itoa(len(body)), "host": "api.example.com",
		"user-agent": userAgent, "x-forwarded-for": "203.0.113.7", "x-forwarded-port": "443", "x-forwarded-proto": "https",
	}
	maps.Copy(all, headers)
	path, query, _ := strings.Cut(path, "?")
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": method + " " + path, "rawPath": path, "rawQueryString": query, "headers": all,
		"body": body, "isBase64Encoded": false,
		"requestContext": map[string]any{
			"accountId": template.AccountID, "apiId": "bench", "domainName": "api.example.com", "stage": "$default",
			"requestId": "JKJaXmPLvHcESHA=",
			"http": map[string]string{
				"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": visitorAddress(), "userAgent": userAgent,
			},
		},
	})
	if err != nil {
		return answer{}, err
	}
	pool := w.pools[function]
	if pool == nil {
		return answer{}, fmt.Errorf("the template has no %s", function)
	}
	out, err := pool.Invoke(ctx, event)
	if err != nil {
		return answer{}, err
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		return a, err
	}
	if a.StatusCode != want {
		return a, fmt.Errorf("%s %s: %d %.300s", method, path, a.StatusCode, a.Body)
	}
	return a, nil
}

// signUp gives an account with somebody logged in to it.
func (w *world) signUp(ctx context.Context) (connect.AccountID, token.Bearer, error) {
	now := time.Now()
	r := connect.Registration{
		ID: token.NewID(), Email: "bench@example.com", Name: "Bench", Company: "Example", ExpiresAt: now.Add(time.Hour),
	}
	if err := w.store.Register(ctx, r, now); err != nil {
		return "", token.Bearer{}, err
	}
	t := token.NewBearer(connect.NewUserID(), now.Add(connect.SessionLife))
	session := connect.LoginSession{
		ID: t.ID(), User: t.User, Browser: "Bench", CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(connect.SessionLife),
	}
	if err := w.store.CompleteRegistration(ctx, r, "no hash", t, session, now); err != nil {
		return "", t, err
	}
	members, err := w.store.Memberships(ctx, t.User)
	if err != nil || len(members) != 1 {
		return "", t, errors.Join(err, fmt.Errorf("%d memberships", len(members)))
	}
	return members[0].Account, t, nil
}

func (w *world) addSite(ctx context.Context, account connect.AccountID) (*connect.Site, error) {
	s := &connect.Site{
		ID: connect.NewSiteID(), Account: account, Key: connect.NewSiteKey(), Name: "Example",
		Origins:  []connect.Origin{pageOrigin},
		TimeZone: connect.DefaultTimeZone, RetentionDays: connect.DefaultRetention, CreatedAt: time.Now(),
	}
	return s, w.store.AddSite(ctx, s)
}

// batches reads the next n records of the stream that feeds a function, as one batch or, where the
// mapping's windows part them, as several.
func (w *world) batches(ctx context.Context, function string, n int) ([][]byte, error) {
	client := dynamodbstreams.New(dynamodbstreams.Options{
		Region: template.Region, BaseEndpoint: &w.dynamo.Endpoint, Credentials: dynamo.Credentials,
	})
	dir := filepath.Join(w.dir, "streams")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return streams.Collect(ctx, client, w.functions, function, dir, n, n)
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// What a beacon costs beyond the write that it cannot do without. Both benchmarks send the same update
// through the same transport: what differs is ours. "connection" is the SDK's own client on a connection to
// another process, as in Lambda but for TLS; "memory" answers at once and shows the handler alone. `make
// bench` runs them in turn and compares the medians.

const (
	benchKey  = "k_0123456789abcdefghjkmnpq"
	benchSite = "s_0123456789abcdef"
	proofKey  = "AAAAAAAAAAAAAAAAAAAAAA"
	userAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 " +
		"Safari/537.36"
)

func BenchmarkBeacon(b *testing.B) {
	// The log record is part of the work, its write included.
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	payload := payload(b)
	run := func(b *testing.B, getenv func(string) string, t http.RoundTripper) {
		// All from one network: by this clock it sends no more than it may.
		now := time.Now()
		clock := func() time.Time { now = now.Add(time.Second / floodRate); return now }
		h := lambdahttp.HTTP(app(web.Logger(null), store.OpenThrough(getenv, t), web.NewCDN(""), clock))
		measure(b, func(ctx context.Context) error {
			got, err := h.Invoke(ctx, payload)
			if err == nil && !bytes.Contains(got, []byte(`"statusCode":202`)) {
				b.Fatalf("answer %s", got)
			}
			return err
		})
	}
	b.Run("connection", func(b *testing.B) { run(b, environment(answering(b)), nil) })
	b.Run("memory", func(b *testing.B) { run(b, environment(nowhere), answers{}) })
}

// BenchmarkBareUpdate is the floor: the UpdateItem of a visit's first beacon as store.RecordVisit sends it,
// with nothing around it. TestBareUpdateIsTheBeaconsOwn holds the two together.
func BenchmarkBareUpdate(b *testing.B) {
	run := func(b *testing.B, db *dynamodb.Client) {
		measure(b, func(ctx context.Context) error {
			_, err := db.UpdateItem(ctx, bareUpdate(time.Now()))
			return err
		})
	}
	b.Run("connection", func(b *testing.B) { run(b, bareClient(answering(b), nil)) })
	b.Run("memory", func(b *testing.B) { run(b, bareClient(nowhere, answers{})) })
}

// A floor that did more or less than the handler's own write would make the comparison worthless.
func TestBareUpdateIsTheBeaconsOwn(t *testing.T) {
	var sent, bare captured
	h := lambdahttp.HTTP(
		app(web.Logger(io.Discard), store.OpenThrough(environment(nowhere), &sent), web.NewCDN(""), time.Now),
	)
	if _, err := h.Invoke(context.Background(), payload(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := bareClient(nowhere, &bare).UpdateItem(context.Background(), bareUpdate(time.Now())); err != nil {
		t.Fatal(err)
	}
	if sent.update == "" || len(sent.update) != len(bare.update) {
		t.Errorf("the beacon wrote\n%s\nthe benchmark's floor\n%s", sent.update, bare.update)
	}
}

// measure reports the process's CPU beside the clock: on a shared machine the clock counts others' work,
// and the collector's work counts too.
func measure(b *testing.B, f func(context.Context) error) {
	ctx := context.Background()
	// The first call opens what is opened once.
	if err := f(ctx); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	before := cpu(b)
	for b.Loop() {
		if err := f(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpu(b)-before)/float64(b.N), "cpu-ns/op")
}

func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

const nowhere = "http://dynamodb.invalid"

func environment(endpoint string) func(string) string {
	return func(name string) string {
		return map[string]string{
			"AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
			"AWS_ENDPOINT_URL_DYNAMODB": endpoint, "ACCOUNTS_TABLE": "accounts", "VISITS_TABLE": "visits",
		}[name]
	}
}

func bareClient(endpoint string, t http.RoundTripper) *dynamodb.Client {
	o := dynamodb.Options{
		Region: "eu-west-2", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	}
	if t != nil {
		o.HTTPClient = &http.Client{Transport: t}
	}
	return dynamodb.New(o)
}

func bareUpdate(now time.Time) *dynamodb.UpdateItemInput {
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	n := func(v int64) types.AttributeValue {
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(v, 10)}
	}
	hour := now.Truncate(time.Hour)
	return &dynamodb.UpdateItemInput{
		TableName: aws.String("visits"), Key: map[string]types.AttributeValue{"pk": s(benchSite + "#AAAAAAAAAAAAAAAAAAAAAA")},
		UpdateExpression: aws.String("SET n = :n, h = if_not_exists(h, :h), p = if_not_exists(p, :p), " +
			"r = if_not_exists(r, :r), d = if_not_exists(d, :d), f = if_not_exists(f, :f), expiresAt = " +
			"if_not_exists(expiresAt, :e), i = if_not_exists(i, :y)"),
		ConditionExpression: aws.String("attribute_not_exists(pk) OR expiresAt > :now"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":n": s(benchSite), ":h": s(string(connect.HourOf(now))), ":p": s("/pricing/plans"), ":r": s("google.com"),
			":d": s("desktop"), ":f": s(""), ":e": n(hour.Add(6 * time.Hour).Unix()),
			":y": &types.AttributeValueMemberBOOL{Value: true}, ":now": n(now.Unix()),
		},
	}
}

// payload is an API Gateway event with the headers that a browser's beacon has behind the CDN.
func payload(t testing.TB) []byte {
	body := `{"site":"` + benchKey +
		`","session":"AAAAAAAAAAAAAAAAAAAAAA","page":"https://example.com/pricing/plans","source":"https://www.google.com/","sent":1200,"proof":"` +
		(&connect.Site{ProofKey: proofKey}).Proof(time.Now()) + `","events":[{"type":"impression","t":800}]}`
	p, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": "POST /v1/events", "rawPath": "/v1/events", "rawQueryString": "",
		"headers": map[string]string{
			"accept": "*/*", "accept-encoding": "gzip, deflate, br, zstd", "accept-language": "en-GB,en;q=0.9",
			"content-length": strconv.Itoa(len(body)),
			"content-type":   "text/plain;charset=UTF-8", "host": "abcdefghij.execute-api.eu-west-2.amazonaws.com",
			"origin":     "https://example.com",
			"user-agent": userAgent, "via": "2.0 cloudfront (CloudFront)",
			"x-amz-cf-id":     "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqr==",
			"x-amzn-trace-id": "Root=1-6789abcd-0123456789abcdef01234567", "x-forwarded-for": "203.0.113.7",
			"x-forwarded-port": "443", "x-forwarded-proto": "https",
		},
		"requestContext": map[string]any{
			"accountId": "123456789012", "apiId": "abcdefghij", "domainName": "abcdefghij.execute-api.eu-west-2.amazonaws.com",
			"domainPrefix": "abcdefghij",
			"http": map[string]string{
				"method": "POST", "path": "/v1/events", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": userAgent,
			},
			"requestId": "JKJaXmPLvHcESHA=", "routeKey": "POST /v1/events", "stage": "$default",
			"time": "23/Nov/2026:14:02:11 +0000", "timeEpoch": 1795442531000,
		},
		"body": body, "isBase64Encoded": false,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// answers is a DynamoDB that has one site and takes every write.
type answers struct{}

const siteAnswer = `{"Item":{"pk":{"S":"K#` + benchKey + `"},"sk":{"S":"key"},"id":{"S":"` + benchSite +
	`"},"account":{"S":"a_0123456789abcdef"},"key":{"S":"` + benchKey +
	`"},"name":{"S":"Example"},"origins":{"L":[{"S":"https://example.com"}]},"zone":{"S":"Europe/London"},"proofKey":{"S":"` +
	proofKey + `"},"retention":{"N":"90"},"version":{"N":"1"},"createdAt":{"N":"1795442531000"}}}`

func (answers) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	answers{}.ServeHTTP(w, r)
	return w.Result(), nil
}

func (answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	body := "{}"
	if r.Header.Get("X-Amz-Target") == "DynamoDB_20120810.GetItem" {
		body = siteAnswer
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10))
	_, _ = io.WriteString(w, body)
}

// The other process is this binary again.
func init() {
	if os.Getenv("ANSWERING") == "" {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + l.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with whoever started us
		os.Exit(0)
	}()
	panic(http.Serve(l, answers{}))
}

// answering starts answers in a process of its own, whose work is not counted as ours.
func answering(b *testing.B) (endpoint string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ANSWERING=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// captured keeps the update it was sent.
type captured struct{ update string }

func (c *captured) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if r.Header.Get("X-Amz-Target") == "DynamoDB_20120810.UpdateItem" {
		c.update = string(body)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return answers{}.RoundTrip(r)
}

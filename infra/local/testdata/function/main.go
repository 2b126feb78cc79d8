// Command function is what infra/local's tests run as a Lambda function: it does what its event asks for.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do             string
	Ms             int
	RawPath        string
	RequestContext json.RawMessage
	Records        []struct {
		Dynamodb struct {
			SequenceNumber string
			Keys           struct{ Pk struct{ S string } }
		}
	}
}

func main() {
	if os.Getenv("INIT") == "fail" {
		fmt.Fprintln(os.Stderr, "there is no configuration")
		os.Exit(3)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	switch {
	case e.RequestContext != nil:
		return answer(e.RawPath, raw)
	case e.Records != nil:
		return records(e)
	}
	switch e.Do {
	case "sleep":
		time.Sleep(time.Duration(e.Ms) * time.Millisecond)
	case "exit":
		fmt.Fprintln(os.Stderr, "leaving")
		os.Exit(1)
	case "fail":
		return nil, errors.New("told to fail")
	case "panic":
		panic("told to panic")
	case "big":
		return strings.Repeat("x", 7<<20), nil
	case "log":
		fmt.Println(`{"level":"INFO","msg":"quiet"}`)
		fmt.Println(`{"level":"ERROR","msg":"loud","error":"broken"}`)
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	env := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return map[string]any{"event": raw, "pid": os.Getpid(), "env": env, "requestId": lc.AwsRequestID,
		"arn": lc.InvokedFunctionArn, "leftMs": time.Until(deadline).Milliseconds()}, nil
}

func answer(path string, raw json.RawMessage) (any, error) {
	switch {
	case strings.HasSuffix(path, "/inferred"):
		return map[string]string{"hello": "world"}, nil
	case strings.HasSuffix(path, "/fail"):
		return nil, errors.New("told to fail")
	case strings.HasSuffix(path, "/slow"):
		time.Sleep(5 * time.Second)
	case strings.HasSuffix(path, "/kept"):
		return map[string]any{
			"statusCode": 200, "headers": map[string]string{"cache-control": "public, max-age=60"}, "body": string(raw),
		}, nil
	case strings.HasSuffix(path, "/binary"):
		return map[string]any{"statusCode": 201, "body": "AAEC/w==", "isBase64Encoded": true,
			"headers": map[string]string{"Content-Type": "image/png", "Access-Control-Allow-Origin": "https://evil.example"},
			"cookies": []string{"a=1; HttpOnly", "b=2"}}, nil
	}
	return map[string]any{
		"statusCode": 200, "headers": map[string]string{"content-type": "application/json", "cache-control": "no-store"},
		"body": string(raw),
	}, nil
}

// records notes what came in the file SEEN, one line per call.
func records(e event) (any, error) {
	f, err := os.OpenFile(os.Getenv("SEEN"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var keys []string
	for _, r := range e.Records {
		keys = append(keys, r.Dynamodb.Keys.Pk.S)
	}
	_, err = fmt.Fprintln(f, strings.Join(keys, " "))
	return map[string]any{"batchItemFailures": []any{}}, err
}

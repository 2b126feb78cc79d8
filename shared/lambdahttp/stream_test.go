package lambdahttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
)

func clock() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

// stream is an event of a mapping with a tumbling window, as AWS documents it.
const stream = `{"Records":[
 {"eventID":"1","eventVersion":"1.0","eventName":"INSERT","eventSource":"aws:dynamodb","awsRegion":"eu-west-2","eventSourceARN":"arn:aws:dynamodb:eu-west-2:1:table/x/stream/y",
  "dynamodb":{"Keys":{"pk":{"S":"a"}},"NewImage":{"pk":{"S":"a"},"n":{"N":"12"},"f":{"N":"1.5"},"b":{"BOOL":true}},"SequenceNumber":"21","SizeBytes":9,"StreamViewType":"NEW_AND_OLD_IMAGES","ApproximateCreationDateTime":1795428000}},
 {"eventName":"MODIFY","dynamodb":{"Keys":{"pk":{"S":"a"}},"OldImage":{"pk":{"S":"a"}},"NewImage":{"pk":{"S":"a"}},"SequenceNumber":"111"}},
 {"eventName":"REMOVE","dynamodb":{"Keys":{"pk":{"S":"a"}},"OldImage":{"pk":{"S":"a"}},"SequenceNumber":"1111"}}],
 "window":{"start":"2026-11-23T10:00:00Z","end":"2026-11-23T10:01:00Z"},"state":{"k":"v"},"shardId":"shardId-7","eventSourceARN":"arn","isFinalInvokeForWindow":false,"isWindowTerminatedEarly":false}`

func TestABatch(t *testing.T) {
	h := lambdahttp.Stream(func(_ context.Context, b lambdahttp.Batch) (string, error) {
		if b.Shard != "arn/shardId-7" || len(b.Records) != 3 {
			t.Fatalf("%+v", b)
		}
		first := b.Records[0]
		if n := first.New; n.Text("pk") != "a" || n.Int("n") != 12 || n.Text("n") != "" || n.Int("pk") != 0 ||
			n.Int("f") != 0 || !n.Has("b") || n.Has("c") || n.Text("c") != "" {
			t.Errorf("%+v", n)
		}
		if first.Old != nil || first.Old.Has("pk") || b.Records[2].New != nil || b.Records[1].Old.Text("pk") != "a" ||
			b.Records[1].Sequence != "111" {
			t.Errorf("%+v", b.Records)
		}
		return "111", nil
	})
	out, err := h.Invoke(t.Context(), []byte(stream))
	if err != nil || string(out) != `{"state":{"k":"v"},"batchItemFailures":[{"itemIdentifier":"111"}]}` {
		t.Errorf("%s, %v", out, err)
	}
}

func TestABatchThatFails(t *testing.T) {
	fails := lambdahttp.Stream(func(context.Context, lambdahttp.Batch) (string, error) { return "", errors.New("no") })
	if out, err := fails.Invoke(t.Context(), []byte(stream)); err == nil {
		t.Errorf("%s", out)
	}
	// Without a failure the list is there and empty: a null would fail the whole batch again.
	good := lambdahttp.Stream(func(context.Context, lambdahttp.Batch) (string, error) { return "", nil })
	plain := `{"Records":[{"dynamodb":{"SequenceNumber":"1"}}]}`
	if out, err := good.Invoke(t.Context(), []byte(plain)); err != nil || string(out) != `{"batchItemFailures":[]}` {
		t.Errorf("%s, %v", out, err)
	}
	never := lambdahttp.Stream(
		func(context.Context, lambdahttp.Batch) (string, error) { t.Error("called"); return "", nil },
	)
	for _, payload := range []string{
		``, `[]`, `{}`, `{"Records":null}`, strings.Replace(plain, `"SequenceNumber":"1"`, ``, 1),
		`{"Records":[{"dynamodb":{"SequenceNumber":"1","NewImage":{"a":{"X":1}}}}]}`,
	} {
		if out, err := never.Invoke(t.Context(), []byte(payload)); err == nil {
			t.Errorf("%s: %s", payload, out)
		}
	}
	if out, err := never.Invoke(t.Context(), []byte(`{"Records":[],"window":{"start":"x"},"shardId":"s"}`)); err != nil ||
		string(out) != `{"batchItemFailures":[]}` {
		t.Errorf("%s, %v", out, err)
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte(stream))
	f.Add(
		[]byte(
			`{"Records":[{"dynamodb":{"SequenceNumber":"x","NewImage":{"pk":{"M":{"a":{"L":[{"NULL":true},{"B":"AA=="}]}}}}}}],"state":{"a":1}}`,
		),
	)
	f.Fuzz(func(t *testing.T, payload []byte) {
		given := 0
		out, err := lambdahttp.Stream(func(_ context.Context, b lambdahttp.Batch) (string, error) {
			for _, r := range b.Records {
				for name := range r.New {
					r.New.Text(name)
					r.New.Int(name)
					r.Old.Has(name)
				}
				if given++; r.Sequence == "" {
					t.Error("a record without a sequence number")
				}
			}
			return b.Records[0].Sequence, nil
		}).Invoke(context.Background(), payload)
		if err != nil {
			return
		}
		var said struct {
			BatchItemFailures []struct{ ItemIdentifier string } `json:"batchItemFailures"`
		}
		if err := json.Unmarshal(out, &said); err != nil || said.BatchItemFailures == nil ||
			(given > 0) != (len(said.BatchItemFailures) == 1) {
			t.Errorf("%s, %v", out, err)
		}
	})
}

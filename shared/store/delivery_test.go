package store_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

func items(t *testing.T, env map[string]string, table string) (ids []string) {
	t.Helper()
	name := env[table]
	in := &dynamodb.ScanInput{TableName: &name}
	for {
		out, err := localtest.Server(t).Client.Scan(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range out.Items {
			ids = append(ids, i["pk"].(*types.AttributeValueMemberS).Value)
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(in.ExclusiveStartKey) == 0 {
			return ids
		}
	}
}

// 150 owners are more than one transaction. Cut off between the two and done again, and again while one message
// has been sent, each has one message.
func TestAMessageToManyIsSplitOnce(t *testing.T) {
	s, env := open(t)
	account := connect.NewAccountID()
	if err := s.QueueOverLimitAlert(t.Context(), account, -1, now); err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, i := range items(t, env, "OUTBOX_TABLE") {
		id = i
	}
	m, err := s.Message(t.Context(), id, now)
	if err != nil || !m.ToOwners() {
		t.Fatal(m, err)
	}
	var users []connect.UserID
	for range 150 {
		users = append(users, connect.NewUserID())
	}
	var transactions atomic.Int32
	broken := through(env, func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") && transactions.Add(1) > 1 {
			return nil, io.ErrUnexpectedEOF
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	if err := broken.SplitMessage(t.Context(), m, users, now); err == nil {
		t.Fatal("the second transaction did not fail")
	}
	if n := len(items(t, env, "OUTBOX_TABLE")); n != 100 {
		t.Fatalf("%d messages after half of it", n)
	}
	first := m.ID + "." + string(users[0])
	for range 2 {
		if err := s.SplitMessage(t.Context(), m, users, now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := s.MarkMessageSent(t.Context(), first, now); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(items(t, env, "OUTBOX_TABLE")); n != 151 {
		t.Errorf("%d messages, want 151", n)
	}
	if m, err := s.Message(t.Context(), id, now); err != nil || m.Phase != connect.PhaseSplit {
		t.Errorf("%+v, %v", m, err)
	}
	if one, err := s.Message(t.Context(), first, now); err != nil || one.User != users[0] || one.Account != account ||
		one.Kind != connect.MailOverLimit || !one.Sent || one.Phase != "" {
		t.Errorf("%+v, %v", one, err)
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/keyring"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/webpush"
)

// post is a mail service that can be down, and that does not take every address.
type post struct {
	mu      sync.Mutex
	down    int              // how many of the next mails it does not take
	refuses map[string]error // by recipient
	asked   int
	mails   []mail.Mail
}

var (
	busy    = &mail.Error{Code: "TooManyRequestsException"}
	unknown = &mail.Error{Permanent: true, Code: "MessageRejected"}
)

func (p *post) Send(_ context.Context, m mail.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.down > 0 {
		p.down--
		return busy
	}
	if err, ok := p.refuses[m.To]; ok {
		if err == nil {
			panic("written by a fault of ours")
		}
		return err
	}
	p.mails = append(p.mails, m)
	return nil
}

type fixture struct {
	*apitest.World
	*deliver
	post  *post
	calls int             // of the function
	seen  map[string]bool // versions of items that a record was made of
}

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	p := &post{}
	keys, err := webpush.OpenKeys(keyring.Fixed(apitest.Key))
	if err != nil {
		t.Fatal(err)
	}
	d := &deliver{
		push:    webpush.NewSender(keys, webpush.Browsers.And(os.Getenv("PUSH_SERVICES")), "mailto:us@operator.example"),
		store:   open(w.DB),
		links:   w.Links,
		sender:  p,
		origin:  apitest.Origin,
		privacy: "privacy@operator.example", organizer: "no-reply@operator.example",
		log:   w.Logger(),
		clock: w.Clock.Now,
	}
	t.Cleanup(func() {
		for line := range strings.Lines(w.Logs.String()) {
			if twice := apitest.Duplicate([]byte(line)); twice != "" || !json.Valid([]byte(line)) {
				t.Errorf("a log record says %q twice: %s", twice, line)
			}
		}
	})
	return &fixture{World: w, deliver: d, post: p, seen: map[string]bool{}}
}

// register signs somebody up and returns the registration's id.
func (f *fixture) register(email string) string {
	f.T.Helper()
	f.Private("email address", email)
	reg := connect.Registration{
		ID:        token.NewID(),
		Email:     connect.Email(email),
		Name:      "<b>Pat</b>",
		Company:   "http://spam.example",
		ExpiresAt: f.Clock.Now().Add(connect.VerificationLife),
	}
	f.Private("link", f.Links.Sign(connect.PurposeVerify, reg.ID))
	if err := f.Store.Register(f.T.Context(), reg, f.Clock.Now()); err != nil {
		f.T.Fatal(err)
	}
	return reg.ID
}

// filter is what the template lets through to the function.
var filter = sync.OnceValues(func() (streams.Filter, error) {
	tpl, err := template.Load("../../template.yaml", nil)
	if err != nil {
		return nil, err
	}
	functions, _, err := tpl.Functions()
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		if f.ID == "DeliverFunction" {
			return streams.ParseFilter(f.EventSources[0].Properties["FilterCriteria"])
		}
	}
	return nil, errors.New("no DeliverFunction")
})

// stream brings the function every change of the outbox that it has not had yet, in batches of ten, until there
// is none: what it changes itself comes back to it. It stops at a record that must come again, and returns it.
func (f *fixture) stream() (failed string) {
	f.T.Helper()
	passes, err := filter()
	if err != nil {
		f.T.Fatal(err)
	}
	for range 100 {
		var records []any
		change := func(name string, image map[string]any) {
			r := map[string]any{
				"eventName": name,
				"dynamodb":  map[string]any{"SequenceNumber": fmt.Sprint(100 + len(f.seen)), "NewImage": image},
			}
			if passes.Passes(r) {
				records = append(records, r)
			}
		}
		for _, i := range f.Items("OUTBOX_TABLE") {
			id := i["pk"].(string)
			image := map[string]any{"pk": map[string]any{"S": id}, "kind": map[string]any{"S": i["kind"]}}
			if !f.seen[id] {
				f.seen[id] = true
				change("INSERT", image)
			}
			if version := fmt.Sprint(id, i["phase"], i["tries"]); i["phase"] != nil && !f.seen[version] {
				f.seen[version] = true
				image["phase"] = map[string]any{"S": i["phase"]}
				change("MODIFY", image)
			}
		}
		if len(records) == 0 {
			return ""
		}
		for batch := range slices.Chunk(records, 10) {
			if failed := f.invoke(batch...); failed != "" {
				return failed
			}
		}
	}
	f.T.Fatal("the function feeds itself without an end")
	return ""
}

// item is one item of the outbox.
func (f *fixture) item(id string) map[string]any {
	f.T.Helper()
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["pk"] == id {
			return i
		}
	}
	f.T.Fatalf("no message %s", id)
	return nil
}

// requeue does what the function of that name does once a minute.
func (f *fixture) requeue() {
	f.T.Helper()
	ids, err := f.Store.DueMessages(f.T.Context(), 100, f.Clock.Now())
	if err != nil {
		f.T.Fatal(err)
	}
	for _, id := range ids {
		if err := f.Store.RequeueMessage(f.T.Context(), id); err != nil {
			f.T.Fatal(err)
		}
	}
}

func record(sequence, id string) any {
	return map[string]any{
		"eventName": "INSERT",
		"dynamodb": map[string]any{
			"SequenceNumber": sequence,
			"NewImage":       map[string]any{"pk": map[string]any{"S": id}},
		},
	}
}

func (f *fixture) invoke(records ...any) (failed string) {
	f.T.Helper()
	f.calls++
	event, _ := json.Marshal(map[string]any{"Records": records})
	out, err := lambdahttp.Records(f.deliver.batch).Invoke(f.T.Context(), event)
	if err != nil {
		f.T.Fatal(err)
	}
	var said struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(out, &said); err != nil {
		f.T.Fatal(err)
	}
	for _, b := range said.BatchItemFailures {
		failed = b.ItemIdentifier
	}
	return failed
}

func TestTheLinkIsMailedOnce(t *testing.T) {
	f := start(t)
	id := f.register("pat@example.com")
	for range 3 { // the stream may deliver a record again
		clear(f.seen)
		if failed := f.stream(); failed != "" {
			t.Fatal(failed)
		}
	}
	if len(f.post.mails) != 1 {
		t.Fatalf("%d mails", len(f.post.mails))
	}
	m := f.post.mails[0]
	link := apitest.Origin + "/verify?token=" + f.Links.Sign(connect.PurposeVerify, id)
	if m.To != "pat@example.com" || !strings.Contains(m.Text, link) || !strings.Contains(m.HTML, link) ||
		m.Subject == "" {
		t.Errorf("%+v", m)
	}
	// A stranger's words must not reach anybody's mail.
	for _, theirs := range []string{"Pat", "spam.example"} {
		if strings.Contains(m.Text+m.HTML+m.Subject, theirs) {
			t.Errorf("the mail holds %q", theirs)
		}
	}
	if strings.Contains(f.Dump(), f.Links.Sign(connect.PurposeVerify, id)) {
		t.Error("a table holds the link")
	}
}

func TestSentAgainAfterACrashIsTheSameMail(t *testing.T) {
	f := start(t)
	f.register("pat@example.com")
	id := f.Items("OUTBOX_TABLE")[0]["pk"].(string)
	if err := f.one(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	// As if the process had died between sending and noting it.
	m, err := f.Store.Message(t.Context(), id, f.Clock.Now())
	if err != nil || !m.Sent {
		t.Fatal(m, err)
	}
	m.Sent = false
	again, err := f.write(t.Context(), m, f.Clock.Now())
	if err != nil || again == nil || *again != f.post.mails[0] {
		t.Errorf("%+v is not %+v", again, f.post.mails[0])
	}
}

func TestAKnownAddressIsToldSo(t *testing.T) {
	f := start(t)
	f.Person("pat@example.com")
	f.post.mails = nil
	for _, i := range f.Items("OUTBOX_TABLE") {
		if err := f.Store.MarkMessageSent(t.Context(), i["pk"].(string), f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	id := f.register("pat@example.com")
	if failed := f.stream(); failed != "" || len(f.post.mails) != 1 {
		t.Fatal(failed, f.post.mails)
	}
	m := f.post.mails[0]
	if !strings.Contains(m.Text, apitest.Origin+"/login") || strings.Contains(m.Text+m.HTML, "token=") ||
		strings.Contains(m.Text+m.HTML, id) {
		t.Errorf("%+v", m)
	}
}

func TestWhatIsTooLateIsNotSent(t *testing.T) {
	f := start(t)
	f.register("pat@example.com")
	f.Clock.Forward(connect.VerificationLife)
	if failed := f.stream(); failed != "" || len(f.post.mails) != 0 {
		t.Errorf("after the link expired: %q, %v", failed, f.post.mails)
	}
	f.register("eve@example.com")
	f.Clock.Forward(connect.OutboxLife)
	if failed := f.stream(); failed != "" || len(f.post.mails) != 0 {
		t.Errorf("after the message expired: %q, %v", failed, f.post.mails)
	}
	without := map[string]any{"dynamodb": map[string]any{"SequenceNumber": "8"}}
	if failed := f.invoke(record("7", "o_neverwas00000"), without); failed != "" ||
		len(f.post.mails) != 0 {
		t.Errorf("what never was: %q", failed)
	}
}

func TestWhatWasVerifiedIsNotMailed(t *testing.T) {
	f := start(t)
	f.Person("pat@example.com") // registered and verified; the mail had not left yet
	if failed := f.stream(); failed != "" || len(f.post.mails) != 0 {
		t.Errorf("%q, %v", failed, f.post.mails)
	}
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["sentAt"] == nil {
			t.Error("it would be looked at again")
		}
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// post is a mail service that can be down.
type post struct {
	mu    sync.Mutex
	down  int // how many of the next mails it does not take
	mails []mail.Mail
}

func (p *post) Send(_ context.Context, m mail.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down > 0 {
		p.down--
		return errors.New("mail: the mail service did not take the message")
	}
	p.mails = append(p.mails, m)
	return nil
}

type fixture struct {
	*apitest.World
	*deliver
	post *post
}

func start(t *testing.T) *fixture {
	w := apitest.New(t)
	p := &post{}
	d := &deliver{store: w.Store, links: w.Links, sender: p, origin: apitest.Origin, log: w.Logger(), clock: w.Clock.Now}
	t.Cleanup(func() {
		for line := range strings.Lines(w.Logs.String()) {
			if twice := apitest.Duplicate([]byte(line)); twice != "" || !json.Valid([]byte(line)) {
				t.Errorf("a log record says %q twice: %s", twice, line)
			}
		}
	})
	return &fixture{w, d, p}
}

// register signs somebody up and returns the registration's id.
func (f *fixture) register(email string) string {
	f.T.Helper()
	f.Private("e-mail address", email)
	reg := connect.Registration{ID: token.NewID(), Email: connect.Email(email), Name: "<b>Pat</b>", Company: "http://spam.example", ExpiresAt: f.Clock.Now().Add(connect.VerificationLife)}
	f.Private("link", f.Links.Sign(store.PurposeVerify, reg.ID))
	if err := f.Store.Register(f.T.Context(), reg, f.Clock.Now()); err != nil {
		f.T.Fatal(err)
	}
	return reg.ID
}

// stream delivers everything in the outbox through Lambda's event and returns what must come again.
func (f *fixture) stream() (failed string) {
	f.T.Helper()
	var records []any
	for n, i := range f.Items("OUTBOX_TABLE") {
		records = append(records, record(fmt.Sprint(100+n), i["pk"].(string)))
	}
	return f.invoke(records...)
}

func record(sequence, id string) any {
	return map[string]any{"eventName": "INSERT", "dynamodb": map[string]any{"SequenceNumber": sequence, "NewImage": map[string]any{"pk": map[string]any{"S": id}}}}
}

func (f *fixture) invoke(records ...any) (failed string) {
	f.T.Helper()
	event, _ := json.Marshal(map[string]any{"Records": records})
	out, err := lambdahttp.Stream(f.deliver.batch).Invoke(f.T.Context(), event)
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
		if failed := f.stream(); failed != "" {
			t.Fatal(failed)
		}
	}
	if len(f.post.mails) != 1 {
		t.Fatalf("%d mails", len(f.post.mails))
	}
	m := f.post.mails[0]
	link := apitest.Origin + "/verify?token=" + f.Links.Sign(store.PurposeVerify, id)
	if m.To != "pat@example.com" || !strings.Contains(m.Text, link) || !strings.Contains(m.HTML, link) || m.Subject == "" {
		t.Errorf("%+v", m)
	}
	// A stranger's words must not reach anybody's mail.
	for _, theirs := range []string{"Pat", "spam.example"} {
		if strings.Contains(m.Text+m.HTML+m.Subject, theirs) {
			t.Errorf("the mail holds %q", theirs)
		}
	}
	if strings.Contains(f.Dump(), f.Links.Sign(store.PurposeVerify, id)) {
		t.Error("a table holds the link")
	}
}

func TestAMailThatFailsComesAgainAndHoldsUpNoneBefore(t *testing.T) {
	f := start(t)
	f.register("one@example.com")
	f.register("two@example.com")
	f.register("three@example.com")
	f.post.down = 1
	if failed := f.stream(); failed != "100" || len(f.post.mails) != 0 {
		t.Fatalf("again from %q, %d sent", failed, len(f.post.mails))
	}
	if failed := f.stream(); failed != "" || len(f.post.mails) != 3 {
		t.Fatalf("again from %q, %d sent", failed, len(f.post.mails))
	}
	f.register("four@example.com")
	f.post.down = 1
	items := f.Items("OUTBOX_TABLE")
	failed := f.stream()
	if failed == "" {
		t.Fatal("a failed mail was not asked for again")
	}
	if f.stream() != "" || len(f.post.mails) != 4 {
		t.Errorf("%d mails of %d messages", len(f.post.mails), len(items))
	}
	to := map[string]int{}
	for _, m := range f.post.mails {
		to[m.To]++
	}
	if len(to) != 4 {
		t.Errorf("%v", to)
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
	if err != nil || len(again) != 1 || again[0] != f.post.mails[0] {
		t.Errorf("%+v is not %+v", again, f.post.mails[0])
	}
}

func TestAKnownAddressIsToldSo(t *testing.T) {
	f := start(t)
	f.Person("pat@example.com")
	f.post.mails = nil
	for _, i := range f.Items("OUTBOX_TABLE") {
		if err := f.Store.MarkSent(t.Context(), i["pk"].(string), f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	id := f.register("pat@example.com")
	if failed := f.stream(); failed != "" || len(f.post.mails) != 1 {
		t.Fatal(failed, f.post.mails)
	}
	m := f.post.mails[0]
	if !strings.Contains(m.Text, apitest.Origin+"/login") || strings.Contains(m.Text+m.HTML, "token=") || strings.Contains(m.Text+m.HTML, id) {
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
	if failed := f.invoke(record("7", "o_neverwas00000"), map[string]any{"dynamodb": map[string]any{"SequenceNumber": "8"}}); failed != "" || len(f.post.mails) != 0 {
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

func TestAMessageOfAnUnknownKindIsNotLost(t *testing.T) {
	f := start(t)
	f.register("pat@example.com")
	id := f.Items("OUTBOX_TABLE")[0]["pk"].(string)
	f.SetText("OUTBOX_TABLE", id, "", "kind", "of-tomorrow")
	if failed := f.stream(); failed != "100" || len(f.post.mails) != 0 {
		t.Errorf("%q", failed)
	}
	if !strings.Contains(f.Logs.String(), "of-tomorrow") {
		t.Error("the log does not say why")
	}
}

// A refused login stands in the log of each of the person's accounts, once, for as long as its plan keeps it;
// of nobody's it stands nowhere.
func TestARefusedLogin(t *testing.T) {
	f := start(t)
	pat, eve := f.Person("pat@example.com"), f.Person("eve@example.com")
	f.Member(pat, eve.Account, connect.Viewer)
	f.Subscribe(eve.Account, connect.Billing{Paying: connect.Active, Plan: "starter"})
	at := f.Clock.Now()
	for _, user := range []connect.UserID{pat.Token.User, ""} {
		if err := f.Store.Refused(t.Context(), connect.Event{At: at, Actor: user, Target: "password", Where: connect.Where{Place: "GB", Device: "Firefox on Linux"}}); err != nil {
			t.Fatal(err)
		}
	}
	logs := func() (out []connect.Event) {
		for _, account := range []connect.AccountID{pat.Account, eve.Account} {
			list, _, err := f.Store.Audit(t.Context(), account, store.AuditFilter{Action: "login.", Limit: 10}, f.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, list...)
		}
		return out
	}
	for range 2 { // and once more, as after a crash before it was noted
		for _, i := range f.Items("OUTBOX_TABLE") {
			if i["kind"] == string(store.LoginWasRefused) {
				m, err := f.Store.Message(t.Context(), i["pk"].(string), f.Clock.Now())
				if err != nil {
					t.Fatal(err)
				}
				if mails, err := f.write(t.Context(), m, f.Clock.Now()); err != nil || mails != nil {
					t.Fatal(mails, err)
				}
			}
		}
	}
	list := logs()
	if len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	for _, e := range list {
		if e.Action != connect.LoginRefused || e.Actor != pat.Token.User || e.Target != "password" || e.Where.Place != "GB" || !e.At.Equal(at) {
			t.Errorf("%+v", e)
		}
	}
	f.Clock.Forward(connect.AuditLife(connect.Free.ID))
	if list := logs(); len(list) != 1 || list[0].Account != eve.Account {
		t.Errorf("past the free plan's time: %+v", list)
	}
}

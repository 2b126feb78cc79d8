package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// mailed counts the mails by recipient.
func (f *fixture) mailed() map[string]int {
	to := map[string]int{}
	for _, m := range f.post.mails {
		to[m.To]++
	}
	return to
}

func (f *fixture) metrics(name string) (n int) {
	for line := range strings.Lines(f.Logs.String()) {
		var record map[string]any
		if json.Unmarshal([]byte(line), &record) == nil && record[name] != nil &&
			strings.Contains(line, `"Name":"`+name+`"`) {
			n++
		}
	}
	return n
}

// A mail that can never leave costs the others nothing: each of them leaves at its own first call.
func TestAPoisonousMessageHoldsUpNoOther(t *testing.T) {
	f := start(t)
	f.post.refuses = map[string]error{
		"never@example.com":  unknown,
		"later@example.com":  busy,
		"broken@example.com": nil,
	}
	for to := range f.post.refuses {
		f.register(to)
	}
	for n := range 27 {
		f.register(fmt.Sprintf("customer-%d@example.com", n))
	}
	if failed := f.stream(); failed != "" {
		t.Fatalf("record %s holds up the stream", failed)
	}
	if to := f.mailed(); len(to) != 27 || len(f.post.mails) != 27 {
		t.Errorf("%d mails to %d customers of 27", len(f.post.mails), len(to))
	}
	// 30 messages are three batches; the two that may be tried again are the fourth, and then they wait.
	if f.calls != 4 {
		t.Errorf("%d calls, want 4", f.calls)
	}
	if f.metrics("FailedMails") != 1 || f.metrics("DeferredMails") != 4 {
		t.Errorf("%d failed, %d deferred: %s", f.metrics("FailedMails"), f.metrics("DeferredMails"), f.Logs)
	}
	for _, i := range f.Items("OUTBOX_TABLE") {
		switch {
		case i["phase"] == "failed" && i["reason"] == "MessageRejected" && i["failedAt"] != nil && i["sentAt"] == nil:
		case i["phase"] == "waiting" && i["retryAt"] != nil && fmt.Sprint(i["tries"]) == "2":
		case i["sentAt"] != nil && i["phase"] == nil:
		default:
			t.Errorf("%v", i)
		}
	}
}

// Nothing is lost when the mail service takes nothing for two hours, and nothing is sent twice.
func TestTheMailServiceIsDown(t *testing.T) {
	f := start(t)
	for n := range 12 {
		f.register(fmt.Sprintf("customer-%d@example.com", n))
	}
	f.post.down = 1 << 30
	began := f.Clock.Now()
	for f.Clock.Now().Sub(began) < 2*time.Hour {
		if failed := f.stream(); failed != "" {
			t.Fatal(failed)
		}
		f.Clock.Forward(time.Minute)
		f.requeue()
	}
	// At once, then after 1, 2, 4, 8, 16, 32 and 32 minutes: not a storm.
	if f.post.asked > 12*9 || f.post.asked < 12*7 || len(f.post.mails) != 0 {
		t.Errorf("asked %d times for 12 mails", f.post.asked)
	}
	f.post.down = 0
	f.register("new@example.com")
	for range 33 {
		if failed := f.stream(); failed != "" {
			t.Fatal(failed)
		}
		f.Clock.Forward(time.Minute)
		f.requeue()
	}
	if to := f.mailed(); len(to) != 13 || len(f.post.mails) != 13 {
		t.Errorf("%d mails to %d addresses, want 13 to 13", len(f.post.mails), len(to))
	}
}

// A service that takes a mail never is given up in the end, with an alarm, before the message expires unseen.
func TestAMailThatIsNeverTakenIsGivenUpAloud(t *testing.T) {
	f := start(t)
	pat := f.Person("pat@example.com")
	f.stream()
	if err := f.Store.QueueOverLimitAlert(t.Context(), pat.Account, -1, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.post.down = 1 << 30
	began := f.Clock.Now()
	for f.metrics("FailedMails") == 0 && f.Clock.Now().Sub(began) < connect.OutboxLife {
		f.stream()
		f.Clock.Forward(31 * time.Minute)
		f.requeue()
	}
	if took := f.Clock.Now().Sub(began); took < giveUp || took > giveUp+2*time.Hour || f.metrics("FailedMails") != 1 {
		t.Errorf("given up after %v", took)
	}
	// By hand, as docs/operations.md says.
	clear(f.seen)
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["phase"] == "failed" {
			f.post.down = 0
			f.SetText("OUTBOX_TABLE", i["pk"].(string), "", "phase", "again")
		}
	}
	f.stream()
	if len(f.post.mails) != 1 {
		t.Errorf("%d mails after the redrive", len(f.post.mails))
	}
}

// Of two owners one cannot be mailed: the other gets the mail once, whatever is delivered again.
func TestTwoOwnersOfWhomOneIsRefused(t *testing.T) {
	for name, refusal := range map[string]error{"permanently": unknown, "for now": busy} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			pat, eve := f.Person("pat@example.com"), f.Person("eve@example.com")
			f.Member(eve, pat.Account, connect.Owner)
			f.stream()
			f.post.mails, f.post.refuses = nil, map[string]error{"eve@example.com": refusal}
			if err := f.Store.QueueOverLimitAlert(t.Context(), pat.Account, -1, f.Clock.Now()); err != nil {
				t.Fatal(err)
			}
			for range 30 {
				clear(f.seen) // every record comes again
				if failed := f.stream(); failed != "" {
					t.Fatal(failed)
				}
				f.Clock.Forward(time.Minute)
				f.requeue()
			}
			if to := f.mailed(); to["pat@example.com"] != 1 || len(to) != 1 {
				t.Errorf("mailed %v", to)
			}
			// One who is no owner any more by the time is not told.
			if err := f.Store.RemoveMember(t.Context(),
				connect.Member{Account: pat.Account, User: eve.Token.User, Role: connect.Owner},
				connect.AuditEntry{Account: pat.Account, At: f.Clock.Now()},
			); err != nil {
				t.Fatal(err)
			}
			f.post.refuses = nil
			for range 35 {
				f.Clock.Forward(time.Minute)
				f.requeue()
				f.stream()
			}
			for _, m := range f.post.mails {
				if m.To == "eve@example.com" && strings.Contains(m.Subject, "More callback requests") {
					t.Errorf("then mailed %q", m.Subject)
				}
			}
		})
	}
}

// An agency's client has no owner until one is invited. 31 requests of visitors must stop nobody's mail.
func TestAnAccountWithoutOwner(t *testing.T) {
	f := start(t)
	agency := f.Person("agency@example.com")
	f.stream()
	now := f.Clock.Now()
	c := connect.Client{
		Agency:     agency.Account,
		AgencyName: "A",
		Account:    connect.NewAccountID(),
		Name:       "Client",
		Payer:      connect.AgencyPays,
		Since:      now,
	}
	if err := f.Store.AddClient(t.Context(), c, connect.Entitlement{Limits: connect.PlanOf("agency").Limits}); err != nil {
		t.Fatal(err)
	}
	f.post.mails, f.calls = nil, 0
	for range 31 {
		if err := f.Store.QueueOverLimitAlert(t.Context(), c.Account, -1, now); err != nil {
			t.Fatal(err)
		}
	}
	f.register("customer@example.com")
	if failed := f.stream(); failed != "" || f.calls != 1 {
		t.Errorf("%q after %d calls", failed, f.calls)
	}
	if to := f.mailed(); len(to) != 1 || to["customer@example.com"] != 1 {
		t.Errorf("mailed %v", to)
	}
	if f.metrics("FailedMails")+f.metrics("DeferredMails") != 0 {
		t.Error("it counts as a fault")
	}
}

// A kind that a later version writes waits for that version's deployment, and is then given up aloud.
func TestAMessageOfAnUnknownKind(t *testing.T) {
	f := start(t)
	f.register("pat@example.com")
	id := f.Items("OUTBOX_TABLE")[0]["pk"].(string)
	f.SetText("OUTBOX_TABLE", id, "", "kind", "of-tomorrow")
	if failed := f.stream(); failed != "" || len(f.post.mails) != 0 || f.item(id)["phase"] != "waiting" {
		t.Fatalf("%q, %v", failed, f.item(id))
	}
	if !strings.Contains(f.Logs.String(), "of-tomorrow") {
		t.Error("the log does not say why")
	}
	for range 20 {
		f.Clock.Forward(time.Minute)
		f.requeue()
		f.stream()
	}
	if i := f.item(id); i["phase"] != "failed" || i["reason"] != "unknown-kind" || f.metrics("FailedMails") != 1 {
		t.Errorf("%v", i)
	}
}

// What is no mail does not reach the function at all.
func TestWhatIsNoMailIsNotRead(t *testing.T) {
	f := start(t)
	pat := f.Person("pat@example.com")
	f.stream()
	f.calls = 0
	for _, user := range []connect.UserID{pat.Token.User, ""} {
		if err := f.Store.QueueLoginRefusal(t.Context(),
			connect.AuditEntry{At: f.Clock.Now(), Actor: user, Target: "password"}); err != nil {
			t.Fatal(err)
		}
	}
	if failed := f.stream(); failed != "" || f.calls != 0 {
		t.Errorf("called %d times for refused logins", f.calls)
	}
	id := f.register("eve@example.com")
	for _, i := range f.Items("OUTBOX_TABLE") {
		if i["registration"] == id {
			f.SetText("OUTBOX_TABLE", i["pk"].(string), "", "kind", string(connect.MailNothing))
		}
	}
	if failed := f.stream(); failed != "" || f.calls != 0 {
		t.Errorf("called %d times for nothing", f.calls)
	}
}

// No mail to somebody who may not know its sender holds a word that the sender chose. Mails to a business about its own
// visitors do, for whom to call is what they are about: TestAVisitorsNameIsOnlyText.
func TestNoMailHoldsTextsOfStrangers(t *testing.T) {
	f := start(t)
	pat, eve := f.Person("pat@example.com"), f.Person("eve@example.com")
	f.stream()
	now := f.Clock.Now()
	theirs := []string{"evil.example", "Win £500", "www.evil", "Pat Example", "Example pat@"}
	const text = "Win £500 at evil.example www.evil.example"
	expires := now.Add(connect.InvitationLife)
	e := connect.AuditEntry{Account: pat.Account, At: now}
	for _, err := range []error{
		f.Store.Invite(t.Context(), connect.Invitation{
			ID: connect.NewInvitationID(), Account: pat.Account, AccountName: text, Email: "new@example.com",
			Grant: connect.Grant{Role: connect.Admin}, By: text, Inviter: pat.Token.User, CreatedAt: now, ExpiresAt: expires,
		}, apitest.Roomy, e),
		f.Store.Invite(t.Context(), connect.Invitation{
			ID: connect.NewInvitationID(), Account: pat.Account, AccountName: text, Email: "client@example.com",
			Grant: connect.Grant{Payer: connect.ClientPays}, By: text,
			Inviter: pat.Token.User, CreatedAt: now, ExpiresAt: expires,
		}, apitest.Roomy, e),
		f.Store.CloseAccount(t.Context(), pat.Account, now.Add(connect.ClosingGrace), []connect.Message{
			{Kind: connect.MailAccountClosing, User: eve.Token.User, Account: pat.Account},
			{Kind: connect.MailPasswordChanged, User: pat.Token.User}, {Kind: connect.MailFactorsChanged, User: pat.Token.User},
		}, e),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if failed := f.stream(); failed != "" || len(f.post.mails) != 5 {
		t.Fatalf("%q, %d mails", failed, len(f.post.mails))
	}
	for _, m := range f.post.mails {
		for _, word := range theirs {
			if strings.Contains(m.Subject+m.Text+m.HTML, word) {
				t.Errorf("%q holds %q", m.Subject, word)
			}
		}
		if strings.Count(m.Text, "://") != 1 || !strings.Contains(m.Text, f.origin+"/") {
			t.Errorf("%s", m.Text)
		}
	}
}

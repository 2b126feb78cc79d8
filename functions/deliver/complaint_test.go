package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func (f *fixture) complain(email, message string) connect.ComplaintID {
	f.T.Helper()
	now := f.Clock.Now()
	c := &connect.Complaint{
		ID:        connect.NewComplaintID(),
		Name:      "Visit evil.example",
		Email:     connect.Email(email),
		Message:   message,
		CreatedAt: now,
	}
	if err := f.Store.AddComplaint(f.T.Context(), c, "digest of "+email, true, now); err != nil {
		f.T.Fatal(err)
	}
	return c.ID
}

// to are the mails to an address.
func (f *fixture) to(address string) (texts []string) {
	for _, m := range f.post.mails {
		if m.To == address {
			texts = append(texts, m.Subject+"\n"+m.Text)
		}
	}
	return texts
}

// A flood of complaints is a mail to the operator a day, until all of them were listed; one that was confirmed is a
// mail of its own. Nothing of the senders' is a link.
func TestUnconfirmedComplaintsAreListedOnceADay(t *testing.T) {
	f := start(t)
	f.Clock.Set(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	const message = "Look at https://evil.example/a.b.c?d=e, www.evil.example or mailto:eve@evil.example. Dr. No."
	confirmed := f.complain("ada@example.com", message)
	for n := range 119 {
		f.complain(fmt.Sprintf("stranger-%d@example.com", n), message)
	}
	if err := f.Store.ConfirmComplaint(t.Context(), confirmed, f.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	f.stream()
	mails := f.to(f.privacy)
	if len(mails) != 1 || !strings.Contains(mails[0], string(confirmed)) || len(f.to("ada@example.com")) != 1 {
		t.Fatalf("%d mails to the operator, %d to who confirmed", len(mails), len(f.to("ada@example.com")))
	}
	acknowledged := f.to("ada@example.com")[0]
	if !strings.Contains(
		acknowledged,
		f.origin+"/complaint?token="+f.Links.Sign(connect.PurposeComplaint, string(confirmed)),
	) ||
		strings.Contains(acknowledged, "evil") {
		t.Errorf("%s", acknowledged)
	}
	f.post.down = 1 // the first digest's first try
	for range 5 * 24 {
		f.Clock.Forward(time.Hour)
		f.requeue()
		if failed := f.stream(); failed != "" {
			t.Fatal(failed)
		}
	}
	digests := f.to(f.privacy)[1:]
	if len(digests) != 3 {
		t.Fatalf("%d digests, want 3 for 119 complaints", len(digests))
	}
	all := strings.Join(digests, "\n")
	if n := strings.Count(all, "from Visit evil[.]example, stranger-"); n != 119 ||
		strings.Contains(all, string(confirmed)) {
		t.Errorf("%d listed, want 119", n)
	}
	for _, live := range []string{"https://", "evil.example/", "www.evil", "mailto:eve", "Visit evil.example"} {
		if strings.Contains(strings.ReplaceAll(all+mails[0], f.origin, ""), live) {
			t.Errorf("a mail to the operator holds %q", live)
		}
	}
	if !strings.Contains(all, "Dr. No.") {
		t.Error("whole sentences are spoilt")
	}
}

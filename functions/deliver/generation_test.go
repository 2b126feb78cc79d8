package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// A link that the person's change of password has ended is not mailed any more; what tells of the change is.
func TestALinkOfAnEarlierGenerationIsNotMailed(t *testing.T) {
	f := start(t)
	p := f.Person("pat@example.com")
	for _, i := range f.Items("OUTBOX_TABLE") {
		if err := f.Store.MarkMessageSent(t.Context(), i["pk"].(string), f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	now := f.Clock.Now()
	ticket := connect.OneTimeToken{
		ID:        token.NewID(),
		Purpose:   connect.PurposeLogin,
		User:      p.Token.User,
		Email:     connect.Email(p.Email),
		ExpiresAt: now.Add(time.Hour),
	}
	if err := f.Store.IssueToken(t.Context(), ticket, now, connect.MailLoginLink); err != nil {
		t.Fatal(err)
	}
	change := store.PasswordChange{User: p.Token.User, New: "another hash"}
	if err := f.Store.ChangePassword(t.Context(), change, now); err != nil {
		t.Fatal(err)
	}
	f.stream()
	if len(f.post.mails) != 1 || strings.Contains(f.post.mails[0].Text, "token=") ||
		!strings.Contains(f.post.mails[0].Subject, "password") {
		t.Errorf("%+v", f.post.mails)
	}
}

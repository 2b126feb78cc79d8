package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// TestNothingIsReadAfterItsTime: each kind of item that expires is kept for as long as docs/privacy.md
// says, can be read up to its last second, and from then on by nobody, although the item is still there.
func TestNothingIsReadAfterItsTime(t *testing.T) {
	w := apitest.New(t)
	ctx, now := t.Context(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	owner := w.Person("owner@retention.example")
	site := w.Site(owner.Account, "Shop", "Europe/London", "https://shop.example")
	const day = 24 * time.Hour

	session := token.NewBearer(owner.Token.User, now.Add(connect.SessionLife))
	registration := connect.Registration{
		ID: token.NewID(), Email: "new@retention.example", Name: "N", Company: "C",
		ExpiresAt: now.Add(connect.VerificationLife),
	}
	callback := &connect.Callback{
		ID: connect.NewCallbackID(now), Site: site.ID, Name: "V", Phone: "+447700900123", Status: connect.StatusNew,
		Page: "/", CreatedAt: now, UpdatedAt: now, ExpiresAt: now.AddDate(0, 0, site.RetentionDays),
	}
	complaint := &connect.Complaint{
		ID: connect.NewComplaintID(), Email: "v@retention.example", Message: "m", CreatedAt: now,
	}
	consent := w.Book.Sign(
		&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Consent, Choice: connect.Accepted, Revision: "r"}, now,
	)
	erasure := w.Book.Sign(
		&connect.Receipt{ID: connect.NewReceiptID(), Kind: connect.Erasure, Site: site.ID, Via: connect.ViaLink, Count: 1},
		now,
	)

	add := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	add(
		"session",
		w.Store.StartSession(
			ctx, session,
			connect.LoginSession{User: session.User, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(connect.SessionLife)},
			store.Login{}, now,
		),
	)
	add("registration", w.Store.Register(ctx, registration, now))
	_, err := w.Store.AddCallback(ctx, callback, "key", "digest", now)
	add("callback", err)
	add("complaint", w.Store.AddComplaint(ctx, complaint, "sender", true, now))
	complaint.Close(connect.ComplaintUpheld, "a", now) // from its answer on
	add("answer", w.Store.ChangeOwnComplaint(ctx, complaint, nil, now))
	add("consent", w.Store.AddReceipt(ctx, consent))
	add("erasure", w.Store.AddReceipt(ctx, erasure))
	message := ""
	for _, i := range w.Items("OUTBOX_TABLE") {
		if i["kind"] == string(connect.MailComplaintReceived) {
			message = i["pk"].(string)
		}
	}

	found := func(ok bool, err error) bool {
		t.Helper()
		if kind := connect.KindOf(err); err != nil && kind == connect.Internal {
			t.Fatal(err)
		}
		return ok && err == nil
	}
	for _, c := range []struct {
		what string
		kept time.Duration
		read func(now time.Time) bool
	}{
		{"login", 7 * day, func(now time.Time) bool { _, err := w.Store.Session(ctx, session, now); return found(true, err) }},
		{"login in the list", 7 * day, func(now time.Time) bool {
			list, err := w.Store.Sessions(ctx, session.User, now)
			return found(slices.ContainsFunc(list, func(s connect.LoginSession) bool { return s.ID == session.ID() }), err)
		}},
		{"sign-up", day, func(now time.Time) bool {
			_, err := w.Store.Registration(ctx, registration.ID, now)
			return found(true, err)
		}},
		{"idempotency mark", day, func(now time.Time) bool {
			// While it is there, another request under the same key is refused.
			other := *callback
			other.ID = connect.NewCallbackID(now)
			_, err := w.Store.AddCallback(ctx, &other, "key", "another digest", now)
			return connect.KindOf(err) == connect.Mismatch
		}},
		{"request", 90 * day, func(now time.Time) bool {
			_, err := w.Store.Callback(ctx, site.ID, callback.ID, now)
			return found(true, err)
		}},
		{"request in the inbox", 90 * day, func(now time.Time) bool {
			list, _, err := w.Store.Callbacks(ctx, site.ID, connect.StatusNew, "", now)
			return found(len(list) > 0, err)
		}},
		{"message", 3 * day, func(now time.Time) bool { _, err := w.Store.Message(ctx, message, now); return found(true, err) }},
		{"complaint", 365 * day, func(now time.Time) bool { _, err := w.Store.Complaint(ctx, complaint.ID, now); return found(true, err) }},
		// To the end of the day on which its time is over.
		{"consent", 30*day + 12*time.Hour, func(now time.Time) bool { _, _, err := w.Store.Consent(ctx, consent.ID, now); return found(true, err) }},
		{"erasure", 30*day + 12*time.Hour, func(now time.Time) bool {
			list, _, err := w.Store.Erasures(ctx, site.ID, "", now)
			return found(len(list) == 1, err)
		}},
	} {
		if !c.read(now.Add(c.kept - time.Second)) {
			t.Errorf("%s cannot be read a second before its time is over", c.what)
		}
		if c.read(now.Add(c.kept)) {
			t.Errorf("%s can be read after %v", c.what, c.kept)
		}
	}
	var v connect.Visit
	if v.Begin(now, 0, time.UTC); v.ExpiresAt.Sub(now) != 6*time.Hour {
		t.Errorf("a visit is kept for %v", v.ExpiresAt.Sub(now))
	}
}

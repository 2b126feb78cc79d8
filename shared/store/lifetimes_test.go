package store_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// kind names an item as connect.Lifetimes does; "" for one that has no fixed life.
func kind(table string, i map[string]any) string {
	text := func(name string) string { s, _ := i[name].(string); return s }
	for _, k := range []struct{ table, pk, sk, item string }{
		{"Accounts", "A#", "invite#", "invitation"},
		{"Accounts", "A#", "ask#", "client invitation"},
		{"Sessions", "U#", "session#", "login session"},
		{"Sessions", "U#", "source#", "known device"},
		{"Sessions", "U#", "push#", "push device"},
		{"Sessions", "R#", "", "sign-up"},
		{"Sessions", "E#", "", "sign-up"},
		{"Sessions", "T#", "ticket", text("purpose")},
		{"Marks", "I#", "", "idempotency key"},
		{"Marks", "T#", "", "acknowledgement"},
		{"Marks", "W#", "", "Stripe event"},
		{"Marks", "L#", "", "throttle"},
		{"Marks", "D#", "", "duplicate"},
		{"Marks", "P#", "", "puzzle"},
		{"Marks", "Q#", "", "site rate"},
		{"Visits", "", "", "visit"},
		{"Callbacks", "ERASING", "", "erasure"},
		{"Callbacks", "SLOTS#", "", "slot"},
		{"Callbacks", "COMPLAINTS#", "", "complaint"},
		{"Outbox", "", "", "message"},
		{"Complaints", "", "", "complaint"},
		{"Due", "D#", "", "task"},
		{"Due", "LATE#", "", "late calls"},
	} {
		if k.table == table && strings.HasPrefix(text("pk"), k.pk) && strings.HasPrefix(text("sk"), k.sk) {
			return k.item
		}
	}
	if table == "Stats" && text("pk") == "PARKED" {
		if i["countedAt"] != nil {
			return "counted visit"
		}
		return "parked visit"
	}
	return ""
}

// TestItemsLiveAsLongAsIsPublished writes an item of every kind through the store, and compares each item's end with
// connect.Lifetimes, which the published tables are made of. No kind is left out, and nothing else ends.
func TestItemsLiveAsLongAsIsPublished(t *testing.T) {
	w := apitest.New(t)
	now := w.Clock.Now()
	write(t, w, now)
	seen := map[string]int{}
	for variable := range w.Env {
		name, ok := strings.CutSuffix(variable, "_TABLE")
		if !ok {
			continue
		}
		table := name[:1] + strings.ToLower(name[1:])
		for _, i := range w.Items(variable) {
			item := kind(table, i)
			end, _ := strconv.ParseInt(fmt.Sprint(i["expiresAt"]), 10, 64)
			switch {
			case item == "" && end == 0:
				continue
			case table == "Callbacks" && item == "": // its site's
				item = "request"
			case table == "Audit": // its plan's
				item = "entry"
			case table == "Consents": // the operator's
				item = "receipt"
			}
			want := connect.Life(table, item)
			switch item {
			case "request":
				want = connect.DefaultRetention * 24 * time.Hour
			case "entry":
				want = connect.AuditLife(connect.Free.ID)
			case "receipt":
				continue // to the end of its day: TestADayExpiresAtOnce
			case "slot": // from its start
				want += slotAhead
			case "task": // from when it is due
				at, _ := strconv.ParseInt(fmt.Sprint(i["at"]), 10, 64)
				want += time.UnixMilli(at).Sub(now)
			case "visit": // from the start of the hour that it began in
				want += now.Truncate(time.Hour).Sub(now)
			}
			if got := time.Unix(end, 0).Sub(now); want == 0 || got != want {
				t.Errorf("%s: %s %v ends after %v, published is %v", table, item, i["pk"], got, want)
			}
			seen[table+" "+item]++
		}
	}
	for _, l := range connect.Lifetimes {
		if seen[l.Table+" "+l.Item] == 0 {
			t.Errorf("no %s was written to %s", l.Item, l.Table)
		}
	}
}

// slotAhead is how far ahead the slot is that write books.
const slotAhead = 3 * time.Hour

// write makes an item of every kind at now.
func write(t *testing.T, w *apitest.World, now time.Time) {
	t.Helper()
	ctx := t.Context()
	owner := w.Person("owner@lifetimes.example")
	user := owner.Token.User
	site := w.Site(owner.Account, "Shop", "UTC", "https://shop.example")
	w.Invitation(owner.Account, "new@lifetimes.example", connect.Agent)
	entry := connect.AuditEntry{Account: owner.Account, At: now, Action: connect.ClientInvited}
	visit := &connect.Visit{
		Site: site.ID, ID: "AAAAAAAAAAAAAAAAAAAAAA", Reached: connect.Impression, Page: "/", Device: connect.Desktop,
	}
	visit.Begin(now, 0, time.UTC)
	callback := func() *connect.Callback {
		return &connect.Callback{
			ID: connect.NewCallbackID(now), Site: site.ID, Account: owner.Account, Name: "V", Phone: "+447700900123",
			PhoneDigest: "digest",
			Status:      connect.StatusNew, Page: "/", CreatedAt: now, UpdatedAt: now,
			ExpiresAt: now.AddDate(0, 0, site.RetentionDays),
		}
	}
	signUp := connect.Registration{
		ID: token.NewID(), Email: "signup@lifetimes.example", Name: "N", ExpiresAt: now.Add(connect.VerificationLife),
	}
	complaint := &connect.Complaint{
		ID: connect.NewComplaintID(), Email: "v@lifetimes.example", Message: "m", CreatedAt: now,
	}
	client := connect.Invitation{
		ID: connect.NewInvitationID(), Account: owner.Account, AccountName: "A", Email: "c@lifetimes.example",
		Grant: connect.Grant{Payer: connect.ClientPays}, By: "B",
		Inviter: user, CreatedAt: now, ExpiresAt: now.Add(connect.InvitationLife),
	}
	bearer := token.NewBearer(user, now.Add(connect.SessionLife))
	session := connect.LoginSession{
		User: user, KnownDevice: "digest", CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(connect.SessionLife),
	}
	errs := []error{
		w.Store.StartSession(ctx, bearer, session, store.Login{}, now),
		w.Store.Register(ctx, signUp, now),
		w.Store.Invite(ctx, client, apitest.Roomy, entry),
		w.Store.AddComplaint(ctx, complaint, "sender", true, now),
		w.Store.RecordVisit(ctx, visit, now),
	}
	_, err := w.Store.AddPushDevice(ctx, user, connect.PushDevice{ID: "device", Session: bearer.ID()}, now)
	errs = append(errs, err)
	for _, purpose := range []string{
		connect.PurposeLogin, connect.PurposeReset, connect.PurposeEmail, connect.PurposeApprove, connect.PurposeRecover,
		connect.ChallengeLogin, connect.ChallengePasskey,
	} {
		one := connect.OneTimeToken{
			ID: token.NewID(), Purpose: purpose, User: user, ExpiresAt: now.Add(connect.TokenLife(purpose)),
		}
		errs = append(errs, w.Store.IssueToken(ctx, one, now))
	}
	for n := range 98 { // more than one transaction erases
		_, err := w.Store.AddCallback(ctx, callback(), "key"+strconv.Itoa(n), "digest", now)
		errs = append(errs, err)
	}
	booked := callback()
	booked.PhoneDigest, booked.Slot, booked.Capacity = "another", now.Add(slotAhead), 1
	booked.Tasks = []connect.Task{{Kind: connect.TaskPromiseHalf, At: now, Site: site.ID, Callback: booked.ID}}
	booked.SameDigests = []string{"same"}
	_, err = w.Store.AddCallback(ctx, booked, "booked", "digest", now)
	_, solved := w.Store.UsePuzzle(ctx, site.ID, "salt", "key", now.Add(connect.PuzzleLife), now)
	errs = append(errs, err, solved, w.Store.CountSiteRequest(ctx, site.ID, now))
	toSite := &connect.SiteComplaint{
		ID: connect.NewComplaintID(), Account: owner.Account, Site: site.ID, SiteName: site.Name, Message: "m",
	}
	toSite.Receive(now, time.UTC)
	_, err = w.Store.AddSiteComplaint(ctx, toSite, time.UTC, now)
	toSite.Close(connect.ComplaintUpheld, "a", "O", now)
	complaint.Close(connect.ComplaintUpheld, "a", now)
	errs = append(errs, w.Store.ChangeOwnComplaint(ctx, complaint, nil, now))
	errs = append(errs, err, w.Store.ChangeSiteComplaint(ctx, toSite, nil, nil, now))
	late := callback()
	late.PhoneDigest, late.Due = "late", now.Add(-time.Minute)
	_, err = w.Store.AddCallback(ctx, late, "late", "digest", now)
	errs = append(errs, err)
	if !late.Break(now) {
		t.Fatal("it is not late")
	}
	task := connect.Task{Account: owner.Account, Site: site.ID, Callback: late.ID}
	errs = append(errs, w.Store.BreakPromise(ctx, late, task, true, false, now))
	// An erasure that is cut off before its receipt is under way.
	cut, cancel := context.WithCancel(ctx)
	visitor := store.Visitor{Via: connect.ViaPhone, Digests: []string{"digest"}}
	if _, err := w.Store.EraseVisitor(cut, site.ID, visitor, entry, func(
		site connect.SiteID, via connect.Via, count int,
	) *connect.Receipt {
		cancel()
		return w.Book.Erasure(now)(site, via, count)
	}, now); err == nil {
		t.Fatal("the erasure was not cut off")
	}
	longest := connect.Throttles[0]
	for _, throttle := range connect.Throttles {
		if throttle.Window > longest.Window {
			longest = throttle
		}
	}
	errs = append(errs, w.Store.Throttle(ctx, longest, "somebody", now))
	sub, err := w.Store.Subscription(ctx, owner.Account)
	errs = append(errs, err, w.Store.ApplyStripeEvent(ctx, sub, "evt_lifetimes", "", now))
	counts, err := w.Store.DayCounts(ctx, site.ID, visit.Hour.Date())
	errs = append(errs, err)
	for n, sequence := range []string{"1", "2"} {
		parked := store.ParkedVisit{Shard: "shard", Sequence: sequence, Visit: visit}
		if n == 1 {
			counts, err = w.Store.DayCounts(ctx, site.ID, visit.Hour.Date())
			errs = append(errs, err)
		}
		errs = append(errs, w.Store.ParkVisit(ctx, counts, parked, now))
		if n == 1 {
			_, err = w.Store.CountParkedVisit(ctx, parked, now)
			errs = append(errs, err)
		}
	}
	leaver := w.Person("leaver@lifetimes.example")
	w.Member(owner, leaver.Account, connect.Owner) // who leaves is not the only owner
	ends := map[connect.AccountID]connect.AuditEntry{
		leaver.Account: {Account: leaver.Account, At: now, Action: connect.MemberRemoved},
	}
	hash, err := w.Store.PasswordHash(ctx, leaver.Token.User)
	errs = append(errs, err, w.Store.DeleteLogin(ctx, leaver.Token.User, hash, ends, now))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

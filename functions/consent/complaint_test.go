package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// asked are the kinds of message in the outbox, none of which may hold the complaint.
func (w *world) asked() (kinds []string) {
	w.T.Helper()
	for _, i := range w.dump("OUTBOX_TABLE") {
		if strings.Contains(i, "example.com") || strings.Contains(i, "unhappy") {
			w.T.Errorf("the outbox holds the complaint: %s", i)
		}
		for _, kind := range []connect.MessageKind{
			connect.MailComplaint, connect.MailComplaintReceived, connect.MailComplaintDigest,
		} {
			if strings.Contains(i, `"kind":"`+string(kind)+`"`) {
				kinds = append(kinds, string(kind))
			}
		}
	}
	slices.Sort(kinds)
	return kinds
}

// complainAs sends a complaint from a network address.
func (w *world) complainAs(ip, email string) apitest.Answer {
	w.T.Helper()
	return w.Do(apitest.Request{
		Method: "POST", Path: "/v1/complaints", Body: map[string]any{"email": email, "message": "I am unhappy."},
		Header: map[string]string{
			"user-agent": "Secret Agent 7", "x-mi-cdn": cdnKey, "cloudfront-viewer-address": ip + ":4711",
		},
	})
}

func TestComplaintIsStoredAndAcknowledgedOnce(t *testing.T) {
	w := newWorld(t)
	body := `{"name":"Ada","email":" Ada@Example.com","message":"I am unhappy."}`
	if id := w.call("POST", "/v1/complaints", body, 202)["id"].(string); !connect.ValidID("d_", id) {
		t.Errorf("id %q", id)
	}
	if got := w.asked(); !slices.Equal(got, []string{"complaint-digest", "complaint-received"}) {
		t.Fatalf("asked for %v", got)
	}
	// The same box, by another name for it.
	w.call("POST", "/v1/complaints", strings.Replace(body, "Ada@", "ada+x@", 1), 202)
	if got := w.asked(); !slices.Equal(got, []string{"complaint-digest", "complaint-received"}) {
		t.Fatalf("within the hour: %v", got)
	}
	w.Clock.Forward(connect.AcknowledgeLife + time.Second)
	w.call("POST", "/v1/complaints", body, 202)
	if got := w.asked(); len(got) != 3 {
		t.Fatalf("after the hour: %v", got)
	}
	if n := len(w.dump("COMPLAINTS_TABLE")); n != 3 {
		t.Errorf("%d complaints stored, want 3", n)
	}
	for _, bad := range []string{
		`{}`, `{"email":"x","message":"y"}`, `{"email":"a@example.com","message":""}`,
		`{"email":"a@example.com","message":"y","phone":"1"}`, `{"email":"ä@example.com","message":"y"}`,
	} {
		w.call("POST", "/v1/complaints", bad, 400)
	}
}

// The operator is mailed once the sender has followed the link, once however often it is pressed.
func TestAComplaintIsPassedOnOnceItIsConfirmed(t *testing.T) {
	w := newWorld(t)
	id := w.call("POST", "/v1/complaints", `{"email":"ada@example.com","message":"I am unhappy."}`, 202)["id"].(string)
	link := w.Private("link", w.Links.Sign(connect.PurposeComplaint, id))
	for range 3 {
		w.call("POST", "/v1/complaints/confirm", `{"token":"`+link+`"}`, 204)
	}
	if got := w.asked(); !slices.Equal(got, []string{"complaint", "complaint-digest", "complaint-received"}) {
		t.Errorf("asked for %v", got)
	}
	if ids, more, err := w.Store.UnconfirmedComplaints(t.Context(), 10); err != nil || more || len(ids) != 0 {
		t.Errorf("still to be listed: %v %v", ids, err)
	}
	for _, token := range []string{
		"", "x", w.Links.Sign(connect.PurposeVerify, id), w.Links.Sign(connect.PurposeComplaint, "d_0000000000"),
		w.Links.Sign(connect.PurposeComplaint, "x"),
	} {
		if got := w.call(
			"POST", "/v1/complaints/confirm", `{"token":"`+token+`"}`, 400,
		); got["type"] != "urn:mi-connect:problem:link-invalid" {
			t.Errorf("%q: %v", token, got)
		}
	}
	// It is open: it stays, and its link with it.
	w.Clock.Forward(2 * connect.ComplaintLife)
	w.call("POST", "/v1/complaints/confirm", `{"token":"`+link+`"}`, 204)
	if stored := w.Items("COMPLAINTS_TABLE"); len(stored) != 1 || stored[0]["expiresAt"] != nil {
		t.Errorf("an open complaint ends: %v", stored)
	}
}

// 100 complaints from one client, and 300 from one provider's customer who has 256 networks: what is mailed to
// strangers and to the operator is bounded, and nothing that was taken is lost.
func TestComplaintsFromOneClientAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		tries, taken, mailed int
		ip                   func(n int) string
	}{
		"one client":          {100, 20, 5, func(n int) string { return fmt.Sprintf("203.0.113.%d", n) }},
		"one /64":             {100, 20, 5, func(n int) string { return fmt.Sprintf("2001:db8:1:1::%x", n+1) }},
		"one /56, each a /64": {300, 80, 20, func(n int) string { return fmt.Sprintf("2001:db8:2:%x::1", n%256) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			taken := 0
			for n := range c.tries {
				switch a := w.complainAs(c.ip(n), fmt.Sprintf("stranger-%d@example.com", n)); a.Status {
				case 202:
					taken++
				case 429:
					if a.Header["retry-after"] == "" || a.Record["throttle"] != "complaint-prefix" {
						t.Errorf("%v %v", a.Header, a.Record)
					}
				default:
					t.Fatal(a.Status, a.Body)
				}
			}
			mails := map[string]int{}
			for _, kind := range w.asked() {
				mails[kind]++
			}
			if taken != c.taken || mails["complaint-received"] != c.mailed || mails["complaint-digest"] != 1 ||
				mails["complaint"] != 0 {
				t.Errorf(
					"%d of %d taken, mails %v; want %d taken, %d mails to strangers and one to the operator", taken, c.tries, mails,
					c.taken, c.mailed,
				)
			}
			if ids, _, err := w.Store.UnconfirmedComplaints(t.Context(), 1000); err != nil || len(ids) != taken {
				t.Errorf("%d of %d are listed, %v", len(ids), taken, err)
			}
			// Another's complaint is taken meanwhile, and acknowledged.
			if a := w.complainAs("198.51.100.77", "ada@example.com"); a.Status != 202 || len(w.asked()) != 1+c.mailed+1 {
				t.Errorf("%d, %v", a.Status, w.asked())
			}
		})
	}
}

package main

import (
	"slices"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// What is due comes back into the stream once; what is not due, sent or given up stays where it is.
func TestOnlyWhatIsDueComesBack(t *testing.T) {
	w := apitest.New(t)
	now := w.Clock.Now()
	q := &requeue{store: store.Retries(w.DB), log: w.Logger(), clock: w.Clock.Now}
	var ids []string
	for range 4 {
		if err := w.Store.QueueLoginRefusal(t.Context(), connect.AuditEntry{At: now, Target: "password"}); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range w.Items("OUTBOX_TABLE") {
		ids = append(ids, i["pk"].(string))
	}
	for n, at := range []time.Duration{time.Minute, time.Minute, time.Minute, time.Hour} {
		m, err := w.Store.Message(t.Context(), ids[n], now)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // said twice, it counts once
			if err := w.Store.DeferMessage(t.Context(), m, "timeout", now.Add(at)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, err := range []error{
		w.Store.MarkMessageSent(t.Context(), ids[1], now), w.Store.MarkMessageFailed(t.Context(), ids[2], "550", now),
		q.run(t.Context()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	phases := func() (out []connect.Phase) {
		for _, id := range ids {
			m, err := w.Store.Message(t.Context(), id, now)
			if err != nil {
				t.Fatal(err)
			}
			if m.Tries != 1 {
				t.Errorf("%d tries", m.Tries)
			}
			out = append(out, m.Phase)
		}
		return out
	}
	waiting := []connect.Phase{connect.PhaseWaiting, "", connect.PhaseFailed, connect.PhaseWaiting}
	if p := phases(); !slices.Equal(p, waiting) {
		t.Errorf("before: %q", p)
	}
	w.Clock.Forward(time.Minute)
	for range 2 {
		if err := q.run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	again := []connect.Phase{connect.PhaseAgain, "", connect.PhaseFailed, connect.PhaseWaiting}
	if p := phases(); !slices.Equal(p, again) {
		t.Errorf("after: %q", p)
	}
}

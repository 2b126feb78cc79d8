package secret

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestAValueIsReadAgain(t *testing.T) {
	now, stored, reads := time.Now(), "first", 0
	var fault error
	v := &Value{name: "A_KEY", text: stored, good: now, tried: now, clock: func() time.Time { return now },
		read: func(context.Context, string) (string, error) { reads++; return stored, fault }}
	stored = "second"
	for _, c := range []struct {
		what  string
		pass  time.Duration
		again bool
		fault error
		want  string
		reads int
	}{
		{"young enough", Life - time.Second, false, nil, "first", 0},
		{"too old", time.Second, false, nil, "second", 1},
		{"asked for again at once", 0, true, nil, "second", 1},
		{"asked for again a minute later", time.Minute, true, nil, "second", 2},
		{"the manager is away", Life, false, errors.New("away"), "second", 3},
		{"and not asked all the time", time.Second, false, nil, "second", 3},
		{"and is back", time.Minute, false, nil, "third", 4},
	} {
		if c.want == "third" {
			stored = "third"
		}
		now, fault = now.Add(c.pass), c.fault
		got := v.Text
		if c.again {
			got = v.Again
		}
		if text := got(); text != c.want || reads != c.reads {
			t.Errorf("%s: %q after %d reads, want %q after %d", c.what, text, reads, c.want, c.reads)
		}
	}
}

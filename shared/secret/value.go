package secret

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

// An instance may live for hours and a secret be replaced meanwhile.
const (
	// Life is how old a secret may be that is used.
	Life = 5 * time.Minute
	// pause is between two reads at least, whoever asks for them: what comes from outside may ask.
	pause = time.Minute
)

// Value is a secret that is read again while the instance lives.
type Value struct {
	name  string
	read  func(context.Context, string) (string, error)
	clock func() time.Time

	mu    sync.Mutex
	text  string
	good  time.Time // when text was read
	tried time.Time // when a read was tried
}

// Keep reads a secret, or ends the process like MustKey.
func Keep(name string) *Value {
	v := &Value{name: name, read: Text, clock: time.Now, text: string(MustKey(name))} //nolint:forbidigo // tests set it
	v.good, v.tried = v.clock(), v.clock()
	return v
}

// Text returns the secret as it was read within Life.
func (v *Value) Text() string { return v.within(Life) }

// Again returns the secret as it is now, unless it was read within a minute.
func (v *Value) Again() string { return v.within(pause) }

// within reads the secret when it is older than life. While that fails, what was read before continues: a
// fault of Secrets Manager must not stop what needs nothing new of it.
func (v *Value) within(life time.Duration) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.clock()
	if now.Sub(v.good) < life || now.Sub(v.tried) < pause {
		return v.text
	}
	v.tried = now
	text, err := v.read(context.Background(), v.name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return v.text
	}
	v.text, v.good = text, now
	return v.text
}

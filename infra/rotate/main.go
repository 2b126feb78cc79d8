// Command rotate is the operator's: it replaces TokenKey, ConsentKey or PushKey by a new version without downtime,
// and drops what was replaced. It may be cut off anywhere and run again: it looks at what there is and does what is
// left. It reads the AWS credentials of the environment, TOKEN_KEY_ARN, CONSENT_KEY_ARN or PUSH_KEY_ARN, and for the
// token key CALLBACKS_TABLE and CREDENTIALS_TABLE.
//
//	rotate token          adds a version, waits until every instance writes with it, and recreates what is stored
//	rotate token drop     does the rest of that, and then takes the older versions away
//	rotate consent        adds a version; older ones stay, for the receipts that they signed
//	rotate push           adds a version, under which browsers subscribe again
//	rotate push drop      takes the older versions away
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/keyring"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
)

func main() {
	o := operator{
		out: os.Stdout, clock: time.Now, wait: time.Sleep,
		read: func(ctx context.Context, name string) (string, error) { return secret.Text(ctx, name) }, write: secret.Write,
	}
	args := strings.Join(os.Args[1:], " ")
	tables := os.Getenv("CALLBACKS_TABLE") != "" && os.Getenv("CREDENTIALS_TABLE") != ""
	var err error
	switch {
	case args == "token" && tables:
		o.store = store.Rekey(store.Open(os.Getenv))
		err = o.token(context.Background(), false)
	case args == "token drop" && tables:
		o.store = store.Rekey(store.Open(os.Getenv))
		err = o.token(context.Background(), true)
	case args == "consent":
		err = o.consent(context.Background())
	case args == "push":
		err = o.push(context.Background())
	case args == "push drop":
		err = o.dropPush(context.Background())
	default:
		fmt.Fprintln(os.Stderr, "usage: AWS_REGION=... TOKEN_KEY_ARN=... CALLBACKS_TABLE=... CREDENTIALS_TABLE=... "+
			"rotate token [drop]\n"+
			"       AWS_REGION=... CONSENT_KEY_ARN=... rotate consent\n"+
			"       AWS_REGION=... PUSH_KEY_ARN=... rotate push [drop]")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type operator struct {
	out   io.Writer
	clock func() time.Time
	wait  func(time.Duration)
	read  func(ctx context.Context, name string) (string, error)
	write func(ctx context.Context, name, text string) error
	store store.Rekey
}

func (o operator) say(format string, args ...any) { fmt.Fprintf(o.out, format+"\n", args...) }

const (
	// noticePeriod is how long a new version is known before it is written with. Every instance reads its secrets more
	// often, so none meets what it cannot read, and none writes with the old one when the others have changed.
	noticePeriod = 2 * secret.Life
	// slack is for clocks that differ and for requests that were under way.
	slack = time.Minute
	// tries is how often a table is gone through for what others wrote at the same time.
	tries = 5
)

// ring reads a ring and gives it a second version if it has one.
func (o operator) ring(ctx context.Context, name string, add bool) (*keyring.Ring, error) {
	text, err := o.read(ctx, name)
	if err != nil {
		return nil, err
	}
	ring, err := keyring.Parse(text)
	if err != nil || !add {
		return ring, err
	}
	if ring, err = ring.Add(rand.Text()+rand.Text()+rand.Text(), o.clock().Add(noticePeriod)); err != nil {
		return nil, err
	}
	if err := o.write(ctx, name, ring.Text()); err != nil {
		return nil, err
	}
	current, since := ring.Current()
	o.say("%s: version %d was added; it is written with from %s on", name, current, since.Format(time.RFC3339))
	return ring, nil
}

func (o operator) consent(ctx context.Context) error {
	ring, err := o.ring(ctx, "CONSENT_KEY", true)
	if err != nil {
		return err
	}
	o.say(
		"versions %v: keep the older ones until the last receipt that they signed has expired (RECEIPT_DAYS)",
		ring.Versions(o.clock()),
	)
	return nil
}

func (o operator) push(ctx context.Context) error {
	ring, err := o.ring(ctx, "PUSH_KEY", true)
	if err != nil {
		return err
	}
	o.say("versions %v: browsers subscribe again when their people next open the pages;\n"+
		"drop the older ones after %v, after a leak at once",
		ring.Versions(o.clock()), connect.PushDeviceLife)
	return nil
}

// dropPush ends notifications in the browsers that subscribed under an older version.
func (o operator) dropPush(ctx context.Context) error {
	const name = "PUSH_KEY"
	ring, err := o.ring(ctx, name, false)
	if err != nil {
		return err
	}
	current, since := ring.Current()
	if left := since.Add(slack).Sub(o.clock()); left > 0 {
		o.say("waiting %v until every instance knows version %d", left.Round(time.Second), current)
		o.wait(left)
	}
	if err := o.write(ctx, name, ring.Drop().Text()); err != nil {
		return err
	}
	o.say("dropped all but version %d", current)
	return nil
}

func (o operator) token(ctx context.Context, drop bool) error {
	const name = "TOKEN_KEY"
	ring, err := o.ring(ctx, name, false)
	if err != nil {
		return err
	}
	current, since := ring.Current()
	switch alone := len(ring.Versions(o.clock())) == 1; {
	case alone && drop:
		o.say("%s has version %d alone: there is nothing to drop", name, current)
		return nil
	case alone:
		if ring, err = o.ring(ctx, name, true); err != nil {
			return err
		}
		current, since = ring.Current()
	default:
		o.say("%s has versions %v: continuing with %d", name, ring.Versions(o.clock()), current)
	}
	if left := since.Add(slack).Sub(o.clock()); left > 0 {
		o.say(
			"waiting %v until every instance writes with version %d; this may be stopped and run again", left.Round(time.Second),
			current,
		)
		o.wait(left)
	}
	if err := o.rekey(ctx, ring); err != nil {
		return err
	}
	if !drop {
		o.say("Nothing that is stored needs an older version. Until `rotate token drop`, links that were made before %s "+
			"keep working;\n"+
			"after it, mailed links and visitors' private links of that time are refused. Drop at once after a leak, else "+
			"when the\n"+
			"longest retention of your sites has passed since then.", since.Format(time.RFC3339))
		return nil
	}
	if err := o.write(ctx, name, ring.Drop().Text()); err != nil {
		return err
	}
	o.say(
		"dropped all but version %d; every instance has forgotten the others by %s", current,
		o.clock().Add(secret.Life).Format(time.RFC3339),
	)
	return nil
}

// rekey goes through both tables until nothing of an older version is left.
func (o operator) rekey(ctx context.Context, ring *keyring.Ring) error {
	links := token.NewLinks([]byte(ring.Settled().Text()))
	reseal := func(sealed string) (string, bool) {
		text, err := links.Unseal(store.SealTOTP, sealed)
		if err != nil || !links.Stale(sealed) {
			return sealed, err == nil
		}
		return links.Seal(store.SealTOTP, text), true
	}
	for _, pass := range []struct {
		what string
		run  func(progress func(store.Rekeyed)) (store.Rekeyed, error)
	}{
		{"visitors' requests", func(p func(store.Rekeyed)) (store.Rekeyed, error) {
			return o.store.RekeyCallbacks(ctx, links.Digest, p)
		}},
		{"authenticators", func(p func(store.Rekeyed)) (store.Rekeyed, error) { return o.store.RekeyFactors(ctx, reseal, p) }},
	} {
		progress := func(r store.Rekeyed) {
			if r.Written > 0 {
				o.say("%s: %d items read, %d recreated", pass.what, r.Read, r.Written)
			}
		}
		for n := 0; ; n++ {
			done, err := pass.run(progress)
			if err != nil {
				return fmt.Errorf("%s: %w (run this again to continue)", pass.what, err)
			}
			if done.Written == 0 {
				o.say("%s: none of an older version is left", pass.what)
				if done.Lost > 0 {
					o.say("%d authenticators cannot be read with any version: their owners are asked to set them up again", done.Lost)
				}
				break
			}
			if n == tries {
				return fmt.Errorf("%s: others keep writing with an older version: run this again in ten minutes", pass.what)
			}
		}
	}
	return nil
}

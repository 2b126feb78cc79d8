package guard

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Device is what a person logs in from: a network and a browser family. It is recognised by keyed digests, under this
// period's key and the last one's. The key changes with the calendar, so that a stored digest reveals nothing once it
// is no longer useful.
type Device struct {
	User    connect.UserID
	Digest  string   // to be stored
	digests []string // that may have been stored before
}

// Device returns the device from which c would log in as user.
func (g *Guard) Device(c *web.Caller, user connect.UserID) Device {
	d := Device{User: user}
	period := c.At.Unix() / int64(connect.KnownDevicePeriod/time.Second)
	text := string(user) + "\x00" + c.Network() + "\x00" + c.Family
	for _, p := range []int64{period, period - 1} {
		d.digests = append(d.digests, g.links.Digests("source-"+strconv.FormatInt(p, 10), text)...)
	}
	d.Digest = d.digests[0]
	return d
}

// Known is the device's own budget, so that strangers cannot lock its owner out.
func (d Device) Known(t connect.Throttle) Budget { return Budget{t, string(d.User) + d.Digest} }

// Tries are the budgets of one login.
type Tries struct {
	Password []Budget
	Code     Budget
}

// Tries returns the budgets of a login from d, for the address as it was typed. A device that has logged in as this
// person before has budgets of its own; all others share one per address, known or not, and one per network.
func (g *Guard) Tries(ctx context.Context, c *web.Caller, d Device, typed string) (Tries, error) {
	known, err := g.logins.IsKnownDevice(ctx, d.User, d.digests, c.At)
	switch {
	case err != nil:
		return Tries{}, err
	case known:
		return Tries{[]Budget{d.Known(connect.KnownGuesses)}, d.Known(connect.KnownCodes)}, nil
	}
	address := g.links.Digest("throttle", strings.ToLower(strings.TrimSpace(typed)))
	passwords := []Budget{From(connect.PrefixGuesses, c), {connect.StrangerGuesses, address}}
	return Tries{passwords, Of(connect.StrangerCodes, d.User)}, nil
}

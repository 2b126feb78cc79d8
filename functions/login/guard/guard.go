// Package guard bounds what strangers can try on a login: how often a password or code is guessed, and how much mail
// anybody can cause. Its budgets are kept so that nobody can use up those of a person on a device of their own.
package guard

import (
	"context"
	"errors"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Guard keeps the budgets.
type Guard struct {
	throttles store.Throttles
	logins    store.Logins
	links     token.Links
}

// New returns a Guard that knows addresses and devices by digests of links.
func New(throttles store.Throttles, logins store.Logins, links token.Links) *Guard {
	return &Guard{throttles, logins, links}
}

// Budget is one throttle's count for somebody.
type Budget struct {
	throttle connect.Throttle
	whose    string
}

// Of is a person's budget, from whatever device.
func Of(t connect.Throttle, user connect.UserID) Budget { return Budget{t, string(user)} }

// From is the budget of a caller's network.
func From(t connect.Throttle, c *web.Caller) Budget { return Budget{t, c.Network()} }

// Spend counts a try in each budget, before it is known how the try ends: so that many at once are no more than the
// budget. It returns the first refusal, and leaves what was counted before it.
func (g *Guard) Spend(ctx context.Context, c *web.Caller, budgets ...Budget) error {
	for _, b := range budgets {
		if err := g.throttles.Throttle(ctx, b.throttle, b.whose, c.At); err != nil {
			if errors.Is(err, connect.ErrTooMany) {
				c.Note("throttle", b.throttle.Name)
				c.Count("ThrottledLogins")
			}
			return err
		}
	}
	return nil
}

// Refund takes back what Spend counted, for a try that was no misuse.
func (g *Guard) Refund(ctx context.Context, c *web.Caller, budgets ...Budget) error {
	for _, b := range budgets {
		if err := g.throttles.Unthrottle(ctx, b.throttle, b.whose, c.At); err != nil {
			return err
		}
	}
	return nil
}

// Refuse records a refused login where the person's accounts see it, counts it for the alarm, and returns refusal. How
// many accounts those are, and whether there are any, is not to be seen in the time that it takes.
func (g *Guard) Refuse(ctx context.Context, c *web.Caller, user connect.UserID, why string, refusal error) error {
	c.Count("RefusedLogins")
	// The entry names nobody yet: who they are is read where it is written.
	e := c.AuditEntry(connect.Identity{User: user}, connect.LoginRefused, why)
	if err := g.logins.QueueLoginRefusal(ctx, e); err != nil {
		return err
	}
	return refusal
}

// RefuseSome is Refuse for what needs no more than a person's id, by which nobody is to fill their logs.
func (g *Guard) RefuseSome(ctx context.Context, c *web.Caller, user connect.UserID, why string, refusal error) error {
	err := g.throttles.Throttle(ctx, connect.LoggedRefusals, string(user), c.At)
	if errors.Is(err, connect.ErrTooMany) {
		c.Count("RefusedLogins")
		return refusal
	}
	if err != nil {
		return err
	}
	return g.Refuse(ctx, c, user, why, refusal)
}

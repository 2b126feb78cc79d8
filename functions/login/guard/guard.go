// Package guard limits what strangers can try: how often a password or code can be guessed, and how much mail anybody
// can cause. A person's known devices have budgets of their own, which no stranger can use up.
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

// New returns a Guard that makes its digests of addresses and devices with links.
func New(throttles store.Throttles, logins store.Logins, links token.Links) *Guard {
	return &Guard{throttles, logins, links}
}

// Budget is a throttle as it applies to one person, address, device or network.
type Budget struct {
	throttle connect.Throttle
	whose    string
}

// Of is a person's budget on any device.
func Of(t connect.Throttle, user connect.UserID) Budget { return Budget{t, string(user)} }

// From is the budget of a caller's network.
func From(t connect.Throttle, c *web.Caller) Budget { return Budget{t, c.Network()} }

// Spend counts a try in each budget before its outcome is known, so that parallel tries cannot exceed the budget. It
// returns the first refusal and does not undo what was counted before it.
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

// Refund undoes Spend for a try that was no misuse.
func (g *Guard) Refund(ctx context.Context, c *web.Caller, budgets ...Budget) error {
	for _, b := range budgets {
		if err := g.throttles.Unthrottle(ctx, b.throttle, b.whose, c.At); err != nil {
			return err
		}
	}
	return nil
}

// Refuse queues a refused login for the logs of the person's accounts, counts it for the alarm, and returns refusal.
// The time it takes does not reveal how many accounts there are, or whether there is such a person.
func (g *Guard) Refuse(ctx context.Context, c *web.Caller, user connect.UserID, why string, refusal error) error {
	c.Count("RefusedLogins")
	e := c.AuditEntry(connect.Identity{User: user}, connect.LoginRefused, why)
	if err := g.logins.QueueLoginRefusal(ctx, e); err != nil {
		return err
	}
	return refusal
}

// RefuseSome is Refuse for tries that need nothing but a person's id: a limited number, so that nobody can flood their
// logs.
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

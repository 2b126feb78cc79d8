package main

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// budgets counts a new request for its caller. Whose it is, is an address at one site: an office behind one
// address may ask at every shop, but none of its people fills the inbox of one. What is stored of address and
// number is a keyed digest. A request that was stored before is sent again without being counted.
func (h *handlers) budgets(r *http.Request, c *connect.Callback) error {
	ctx, now := r.Context(), web.Now(r)
	caller := web.CallerOf(r)
	source := c.SourceDigest
	networks := slices.Clone(caller.Networks)
	for i := range networks {
		networks[i].Text = h.links.Digest("throttle", networks[i].Text)
	}
	err := h.store.ThrottleNetworks(ctx, connect.CallbacksFromPrefix, networks, now)
	for _, t := range []connect.Throttle{connect.CallbacksQuarter, connect.CallbacksHour, connect.CallbacksDay} {
		if err == nil {
			err = h.store.Throttle(ctx, t, source, now)
		}
	}
	if err == nil {
		err = h.throttleNumber(ctx, source, c, r)
	}
	if e, ok := errors.AsType[*connect.Error](err); ok && e.Kind == connect.TooMany {
		web.Count(r, "RefusedCallbacks")
		said := *e
		said.Code = connect.ErrLimit.Code
		said.Message = "We already have several requests from you. Please wait for the call, try again in " +
			connect.DescribeWait(e.RetryAfter) +
			", or use the other contact details on this website."
		return &said
	}
	return err
}

// nameSource says whose request c is and what makes a second one the same.
func (h *handlers) nameSource(r *http.Request, c *connect.Callback) {
	c.SourceDigest = h.links.Digest("throttle", string(c.Site)+"~"+callerOf(web.CallerOf(r).Address))
	c.SameDigests = h.links.Digests("duplicate", c.Phone+"~"+strings.ToLower(c.Department))
}

// throttleNumber counts different numbers: one that the caller left within the hour is no further one.
func (h *handlers) throttleNumber(ctx context.Context, source string, c *connect.Callback, r *http.Request) error {
	now := web.Now(r)
	one := h.links.Digest("throttle", source+"~"+c.Phone)
	err := h.store.Throttle(ctx, connect.CallbackNumber, one, now)
	if errors.Is(err, connect.ErrTooMany) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := h.store.Throttle(ctx, connect.CallbackNumbers, source, now); err != nil {
		if back := h.store.Unthrottle(ctx, connect.CallbackNumber, one, now); back != nil {
			return back
		}
		return err
	}
	return nil
}

// callerOf is one visitor's address: all of it, or the /64 that one household is given.
func callerOf(a netip.Addr) string {
	if a.Is6() {
		p, _ := a.WithZone("").Prefix(64)
		return p.String()
	}
	return a.String()
}

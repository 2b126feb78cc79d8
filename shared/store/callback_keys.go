package store

import (
	"context"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// IdempotencyKey names a request by its idempotency key. Digest stands for what was asked. Neither may reveal what it
// was made from.
type IdempotencyKey struct{ Key, Digest string }

// CallbackByKey returns the id that was stored under one of a request's idempotency keys, "" for none.
func (s Intake) CallbackByKey(
	ctx context.Context, site connect.SiteID, keys []IdempotencyKey, now time.Time,
) (connect.CallbackID, error) {
	return s.callbackUnderKeys(ctx, site, keys, now)
}

func (s *client) callbackUnderKeys(
	ctx context.Context, site connect.SiteID, keys []IdempotencyKey, now time.Time,
) (connect.CallbackID, error) {
	for _, o := range keys {
		if id, err := s.callbackUnderKey(ctx, site, o, now); id != "" || err != nil {
			return id, err
		}
	}
	return "", nil
}

// callbackUnderKey returns the id that was stored under an idempotency key, "" for none.
func (s *client) callbackUnderKey(
	ctx context.Context, site connect.SiteID, o IdempotencyKey, now time.Time,
) (connect.CallbackID, error) {
	i, err := s.get(ctx, s.marks, idempotencyKey(site, o.Key), "", true)
	if err != nil || !unexpired(i, now) {
		return "", err
	}
	if text(i, "digest") != o.Digest {
		return "", &connect.Error{
			Kind: connect.Mismatch, Code: "idempotency-key-reused",
			Message: "This Idempotency-Key was already used for a different request.",
		}
	}
	return connect.CallbackID(text(i, "callback")), nil
}

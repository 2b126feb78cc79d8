package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func blockedKey(site connect.SiteID) string { return "BLOCKED#" + string(site) }

// Block says who had a number blocked for a site: a name, "" for the visitor; and when, zero for nobody.
type Block struct {
	By string
	At time.Time
}

// blockOf returns the block of a number by its digests, and under which it is stored.
func (s *client) blockOf(
	ctx context.Context, site connect.SiteID, digests []string,
) (b Block, under string, err error) {
	for _, d := range digests {
		i, err := s.get(ctx, s.callbacks, blockedKey(site), d, true)
		if err != nil {
			return Block{}, "", err
		}
		if i != nil {
			return Block{text(i, "blockedBy"), moment(i, "blockedAt")}, d, nil
		}
	}
	return Block{}, "", nil
}

// Blocked reports whether a number is not to be called for a site.
func (s Intake) Blocked(ctx context.Context, site connect.SiteID, digests []string) (bool, error) {
	b, _, err := s.blockOf(ctx, site, digests)
	return !b.At.IsZero(), err
}

func (s *client) blockPut(site connect.SiteID, digest, by string, now time.Time) types.TransactWriteItem {
	return put(s.callbacks, item{
		"pk": str(blockedKey(site)), "sk": str(digest), "blockedBy": str(by), "blockedAt": when(now),
	}, absent)
}

// BlockByVisitor has a visitor's number not called any more; c is stored with it, where a call that waited is
// cancelled.
func (s Intake) BlockByVisitor(
	ctx context.Context, c *connect.Callback, held connect.Booking, digests []string, cancelled bool, now time.Time,
) error {
	is, _, err := s.blockOf(ctx, c.Site, digests)
	if err == nil && is.At.IsZero() {
		// Before the cancellation: cut off in between, the call is refused and pressing again cancels it.
		err = s.transact(ctx, s.blockPut(c.Site, digests[0], "", now))
		if refusedAt(err) == 0 {
			err = nil // pressed twice
		}
	}
	if err != nil || !cancelled {
		return err
	}
	return s.MoveCallback(ctx, c, held, now)
}

// NumberBlock returns the block of a number.
func (s Visitors) NumberBlock(ctx context.Context, site connect.SiteID, digests []string) (Block, error) {
	b, _, err := s.blockOf(ctx, site, digests)
	return b, err
}

// BlockNumber blocks a number for a site, or lifts that, with the log's entry; it changes nothing that is so already.
func (s Visitors) BlockNumber(
	ctx context.Context, site connect.SiteID, digests []string, blocked bool, e connect.AuditEntry,
) error {
	is, under, err := s.blockOf(ctx, site, digests)
	if err != nil || blocked == !is.At.IsZero() {
		return err
	}
	change := s.blockPut(site, digests[0], e.ActorName, e.At)
	if !blocked {
		change = remove(s.callbacks, blockedKey(site), under, "attribute_exists(pk)")
	}
	err = s.transact(ctx, change, s.auditPut(e))
	if refusedAt(err) == 0 {
		return nil // by somebody else at the same moment
	}
	return err
}

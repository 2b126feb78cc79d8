package store

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// An erasure of any size leaves one receipt and one entry in the account's log. What fits in one transaction goes
// in one, with both. A larger one is a run: an item that counts what its transactions have erased, so that the
// count is exact wherever it was cut off, and that the last of them trades for the receipt. A run that nobody
// continues with is finished by FinishErasures.

const (
	// perErasure is how many requests one transaction erases beside what it writes; DynamoDB takes 100.
	perErasure = 97
	// erasureSteps is how many of them one call takes at most, in a second or two.
	erasureSteps = 12
)

// Sign makes the receipt for a number of requests.
type Sign func(site connect.SiteID, via connect.Via, count int) *connect.Receipt

// Erased is how far an erasure has come.
type Erased struct {
	Count   int              // so far, in this call and those before it
	Receipt *connect.Receipt // nil while More, and where there was nothing
	More    bool             // whether to call again
}

// EraseVisitor takes a visitor's requests away permanently, those that were there when it began. It may be repeated
// and cut off anywhere; a call that says More has not done all. e tells the account's log who did it, its Target
// without the count.
func (s Visitors) EraseVisitor(
	ctx context.Context, site connect.SiteID, v Visitor, e connect.AuditEntry, sign Sign, now time.Time,
) (Erased, error) {
	r := &run{site: site, v: v, at: begin(now), since: now, name: v.Digests[0], event: e, words: e.Target}
	for _, d := range v.Digests {
		i, err := s.get(ctx, s.callbacks, pkErasing, visitorKey(site, d), true)
		if err != nil {
			return Erased{}, err
		}
		if i == nil {
			continue
		}
		if r, err = runOf(i, v); err != nil {
			return Erased{}, err
		}
		// What came in since is what the person sees, and wants gone too.
		if now.Sub(r.since) > indexLag {
			r.at, r.since = begin(now), now
		}
	}
	return s.erase(ctx, r, sign, now)
}

func (s *client) erase(ctx context.Context, r *run, sign Sign, now time.Time) (Erased, error) {
	for range erasureSteps {
		ids, next, done, err := s.search(ctx, r.site, r.v, r.at, perErasure)
		if err != nil {
			return Erased{Count: r.count}, err
		}
		at := r.at
		r.at = next
		switch {
		case done && !r.stored:
			return s.eraseAtOnce(ctx, r, ids, sign, now)
		case len(ids) > 0:
			if err := s.eraseStep(ctx, r, ids); err != nil {
				r.at = at
				return pausedAt(r, err)
			}
		}
		if done {
			return s.finish(ctx, r, sign, now)
		}
	}
	// Where much was read and little found, the next call continues from here.
	if err := s.eraseStep(ctx, r, nil); err != nil {
		return pausedAt(r, err)
	}
	return Erased{Count: r.count, More: true}, nil
}

// pausedAt is what a call returns that others' writes, or too much work at once, have stopped: nothing is lost,
// and the next call continues.
func pausedAt(r *run, err error) (Erased, error) {
	if refusedAt(err) >= 0 || contended(err) {
		return Erased{Count: r.count, More: true}, nil
	}
	return Erased{Count: r.count}, err
}

// eraseAtOnce is an erasure of one transaction: requests, receipt and the log's entry together.
func (s *client) eraseAtOnce(
	ctx context.Context, r *run, ids []connect.CallbackID, sign Sign, now time.Time,
) (Erased, error) {
	if len(ids) == 0 {
		return Erased{}, nil
	}
	var receipt *connect.Receipt
	removed, err := s.eraseWrites(ctx, r, ids, func(count int) []types.TransactWriteItem {
		receipt = nil
		if count == 0 {
			return nil
		}
		receipt = sign(r.site, r.v.Via, count)
		return []types.TransactWriteItem{s.addReceipt(receipt), s.auditPut(r.entry(count, now))}
	})
	if err != nil {
		return pausedAt(r, err)
	}
	return Erased{Count: removed, Receipt: receipt}, nil
}

// eraseStep erases some requests and counts them in the run, which the first step begins.
func (s *client) eraseStep(ctx context.Context, r *run, ids []connect.CallbackID) error {
	removed, err := s.eraseWrites(ctx, r, ids, func(count int) []types.TransactWriteItem {
		if !r.stored {
			first := *r
			first.count = count
			return []types.TransactWriteItem{put(s.callbacks, first.item(), absent)}
		}
		return []types.TransactWriteItem{update(s.callbacks, pkErasing, visitorKey(r.site, r.name),
			"SET #count = #count + :n, #at = :at, since = :since", "attribute_exists(pk)",
			item{":n": num(int64(count)), ":at": str(r.at.String()), ":since": when(r.since)})}
	})
	if err == nil {
		r.count, r.stored = r.count+removed, true
	}
	return err
}

// finish trades a run for its receipt, unless another call has erased more in the meantime.
func (s *client) finish(ctx context.Context, r *run, sign Sign, now time.Time) (Erased, error) {
	end := remove(s.callbacks, pkErasing, visitorKey(r.site, r.name), "#count = :count")
	end.Delete.ExpressionAttributeValues = item{":count": num(int64(r.count))}
	writes := []types.TransactWriteItem{end}
	var receipt *connect.Receipt
	if r.count > 0 {
		receipt = sign(r.site, r.v.Via, r.count)
		writes = append(writes, s.addReceipt(receipt), s.auditPut(r.entry(r.count, now)))
	}
	if err := s.transact(ctx, writes...); err != nil {
		return pausedAt(r, err)
	}
	return Erased{Count: r.count, Receipt: receipt}, nil
}

// eraseWrites erases requests in one transaction with the writes that their number asks for, and returns it.
// Requests that are gone already, or became somebody else's, are left out. One that holds a slot is refused at
// first, and erased once it has given the slot back.
func (s *client) eraseWrites(
	ctx context.Context, r *run, ids []connect.CallbackID, with func(count int) []types.TransactWriteItem,
) (int, error) {
	only, visitor := r.v.only(r.site)
	held := map[connect.CallbackID]connect.Booking{}
	for {
		writes := with(len(ids))
		before := len(writes)
		for _, id := range ids {
			as, values := holding(held[id])
			d := remove(s.callbacks, siteKey(r.site), string(id), only+" AND "+as)
			d.Delete.ExpressionAttributeValues = maps.Clone(visitor)
			maps.Copy(d.Delete.ExpressionAttributeValues, values)
			writes = append(writes, d)
		}
		if len(writes) == 0 {
			return 0, nil
		}
		err := s.transact(ctx, writes...)
		at := refusedAt(err)
		if at < before {
			return len(ids), err
		}
		e, _ := errors.AsType[*types.TransactionCanceledException](err)
		var left []connect.CallbackID
		for n, reason := range e.CancellationReasons[before:] {
			id, ok := ids[n], true
			if aws.ToString(reason.Code) == "ConditionalCheckFailed" {
				if held[id], ok, err = s.giveBack(ctx, r, id); err != nil {
					return 0, err
				}
			}
			if ok {
				left = append(left, id)
			}
		}
		ids = left
	}
}

// left is how long nobody has gone on with a run that FinishErasures takes up.
const left = 15 * time.Minute

// FinishErasures does the rest of erasures whose callers went away, and returns how many it has finished. A run
// that cannot be finished does not keep the others.
func (s UnfinishedErasures) FinishErasures(ctx context.Context, sign Sign, now time.Time) (finished int, failed error) {
	err := each(s.items(ctx, &dynamodb.QueryInput{
		TableName: s.callbacks, ConsistentRead: aws.Bool(true), Limit: aws.Int32(100),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": str(pkErasing)},
	}), func(i item) error {
		r, err := runOf(i, Visitor{})
		if err == nil && now.Sub(r.since) < left {
			return nil
		}
		for err == nil {
			var e Erased
			if e, err = s.erase(ctx, r, sign, now); err != nil || !e.More {
				break
			}
			// Another call may have gone on with it, or finished it.
			if i, err = s.get(ctx, s.callbacks, pkErasing, visitorKey(r.site, r.name), true); err != nil || i == nil {
				break
			}
			r, err = runOf(i, Visitor{})
		}
		if err != nil {
			failed = errors.Join(failed, err)
		} else {
			finished++
		}
		return ctx.Err()
	})
	return finished, errors.Join(failed, err)
}

// EraseCallback takes one request away, and its slot with it, and leaves a receipt. One that is gone already leaves
// no second.
func (s Intake) EraseCallback(
	ctx context.Context, site connect.SiteID, id connect.CallbackID, r *connect.Receipt,
) error {
	return again(ctx, 6, func() (bool, error) {
		i, err := s.get(ctx, s.callbacks, siteKey(site), string(id), true)
		if err != nil || i == nil {
			return false, err
		}
		held := bookingOf(i)
		as, values := holding(held)
		gone := remove(s.callbacks, siteKey(site), string(id), "attribute_exists(pk) AND "+as)
		gone.Delete.ExpressionAttributeValues = values
		writes := []types.TransactWriteItem{s.addReceipt(r), gone}
		if !held.Start.IsZero() {
			writes = append(writes, types.TransactWriteItem{Update: s.releaseSlot(site, id, held)})
		}
		err = s.transact(ctx, writes...)
		// It was moved or erased in between where the second is refused.
		return refusedAt(err) == 1, outcome(err, errBusy)
	})
}

package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// The count of a slot's calls is the set of the requests that hold it: taking and giving back may be repeated, and
// what is there can be compared with the requests. It changes in the transaction that changes the request.

func slotsKey(site connect.SiteID, calendar string) string {
	if calendar == "" {
		return "SLOTS#" + string(site)
	}
	return "SLOTS#" + string(site) + "#" + calendar
}

// slotTime is a slot's sort key: its start.
func slotTime(start time.Time) string { return start.UTC().Format(time.RFC3339) }

func slotEnd(start time.Time) time.Time { return start.Add(connect.Life("Callbacks", "slot")) }

// BookedSlots returns how many calls are booked for the slots of a site's calendar that start in [from, to], by their
// start.
func (s Intake) BookedSlots(
	ctx context.Context, site connect.SiteID, calendar string, from, to time.Time,
) (map[int64]int, error) {
	in := &dynamodb.QueryInput{
		TableName: s.callbacks, KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":pk": str(slotsKey(site, calendar)), ":from": str(slotTime(from)), ":to": str(slotTime(to)),
		},
	}
	booked := map[int64]int{}
	return booked, each(s.items(ctx, in), func(i item) error {
		start, err := time.Parse(time.RFC3339, text(i, "sk"))
		booked[start.Unix()] = len(holders(i))
		return err
	})
}

func holders(i item) []string {
	if v, ok := i["holders"].(*types.AttributeValueMemberSS); ok {
		return v.Value
	}
	return nil
}

// hasRoom returns connect.ErrSlotGone when the slot that c is to hold is full. It is asked before each try, so that
// those who come too late do not get in each other's way.
func (s *client) hasRoom(ctx context.Context, c *connect.Callback) error {
	i, err := s.get(ctx, s.callbacks, slotsKey(c.Site, c.Calendar), slotTime(c.Slot), true)
	if err == nil && len(holders(i)) >= c.Capacity {
		return connect.ErrSlotGone
	}
	return err
}

// holdSlot is the write by which c takes a place in its slot, on condition that there is one.
func (s *client) holdSlot(c *connect.Callback) types.TransactWriteItem {
	return update(s.callbacks, slotsKey(c.Site, c.Calendar), slotTime(c.Slot), "SET expiresAt = :end ADD holders :who",
		"attribute_not_exists(holders) OR size(holders) < :capacity",
		item{":end": epoch(slotEnd(c.Slot)), ":who": oneOf(c.ID), ":capacity": num(int64(c.Capacity))})
}

// releaseSlot is the write by which a request gives its place back.
func (s *client) releaseSlot(site connect.SiteID, id connect.CallbackID, b connect.Booking) *types.Update {
	return &types.Update{
		TableName: s.callbacks, Key: key(slotsKey(site, b.Calendar), slotTime(b.Start)),
		UpdateExpression:          aws.String("SET expiresAt = :end DELETE holders :who"),
		ExpressionAttributeValues: item{":end": epoch(slotEnd(b.Start)), ":who": oneOf(id)},
	}
}

func oneOf(id connect.CallbackID) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: []string{string(id)}}
}

// MoveCallback is ChangeCallback with the slot that c holds from now on, in place of the one it held: c.Slot with
// room for c.Capacity calls, or none; and with c.Tasks. It returns connect.ErrSlotGone when the new slot is full; then
// it still holds the old one.
func (s Intake) MoveCallback(ctx context.Context, c *connect.Callback, held connect.Booking, now time.Time) error {
	stays := c.Slot.Equal(held.Start) && c.Booking().Calendar == held.Calendar
	if stays && len(c.Tasks) == 0 && len(c.Messages) == 0 {
		return Requests(s).ChangeCallback(ctx, c, now)
	}
	writes := []types.TransactWriteItem{{Update: s.changeCallback(c, now)}}
	writes = append(append(writes, s.taskPuts(c.Tasks)...), s.messagePuts(c, now)...)
	if !held.Start.IsZero() && !stays {
		writes = append(writes, types.TransactWriteItem{Update: s.releaseSlot(c.Site, c.ID, held)})
	}
	if !c.Slot.IsZero() && !stays {
		if err := s.hasRoom(ctx, c); err != nil {
			return err
		}
		writes = append(writes, s.holdSlot(c))
	}
	err := s.countPromises(ctx, c, writes...)
	if refusedAt(err) > 0 {
		return connect.ErrSlotGone
	}
	return outcome(err, connect.ErrConflict)
}

// bookingOf reads the place that a request holds.
func bookingOf(i item) connect.Booking {
	return connect.Booking{Start: moment(i, "slot"), Calendar: text(i, "calendar")}
}

// holding is a condition that a request holds the place it was read with.
func holding(b connect.Booking) (condition string, values item) {
	switch {
	case b.Start.IsZero():
		return "attribute_not_exists(#slot)", nil
	case b.Calendar == "":
		return "#slot = :slot AND attribute_not_exists(calendar)", item{":slot": when(b.Start)}
	}
	return "#slot = :slot AND calendar = :calendar", item{":slot": when(b.Start), ":calendar": str(b.Calendar)}
}

// giveBack gives a request's place back before the request is erased with others, and returns it; ok is false
// when the request is not there or is not the visitor's.
func (s *client) giveBack(
	ctx context.Context, r *run, id connect.CallbackID,
) (held connect.Booking, ok bool, err error) {
	i, err := s.get(ctx, s.callbacks, siteKey(r.site), string(id), true)
	if err != nil || i == nil || !r.v.owns(r.site, i) {
		return connect.Booking{}, false, err
	}
	if held = bookingOf(i); !held.Start.IsZero() {
		u := s.releaseSlot(r.site, id, held)
		_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression,
			ExpressionAttributeValues: u.ExpressionAttributeValues,
		})
	}
	return held, true, err
}

// owns reports whether a request is the visitor's.
func (v Visitor) owns(site connect.SiteID, i item) bool {
	_, attribute := v.index()
	for _, d := range v.Digests {
		if text(i, attribute) == visitorKey(site, d) {
			return true
		}
	}
	return false
}

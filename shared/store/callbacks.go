package store

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func callbackItem(c *connect.Callback) item {
	i := item{
		"pk": str(siteKey(c.Site)), "sk": str(string(c.ID)), "inbox": str(inboxKey(c.Site, c.Status)),
		"siteName": str(c.SiteName),
		"name":     str(c.Name), "phone": str(c.Phone), "page": str(c.Page), "status": str(string(c.Status)),
		"createdAt": when(c.CreatedAt), "updatedAt": when(c.UpdatedAt), "expiresAt": epoch(c.ExpiresAt),
	}
	for name, value := range map[string]string{
		"email": string(c.Email), "department": c.Department, "message": c.Message, "phoneShown": c.PhoneShown,
		"calendar": c.Booking().Calendar,
	} {
		if value != "" {
			i[name] = str(value)
		}
	}
	if c.SiteKey != "" {
		i["siteKey"] = str(string(c.SiteKey))
	}
	if c.Account != "" {
		i["account"], i["queue"], i["turn"] = str(string(c.Account)), str(queueKey(c.Account, c.Queue())), str(c.Turn())
	}
	for name, value := range promiseTexts(c) {
		if value != "" {
			i[name] = str(value)
		}
	}
	if c.Quiet {
		i["quiet"] = boolean(true)
	}
	for name, at := range times(c) {
		if !at.IsZero() {
			i[name] = when(at)
		}
	}
	for name, digest := range map[string]string{"phoneKey": c.PhoneDigest, "emailKey": c.EmailDigest} {
		if digest != "" {
			i[name] = str(visitorKey(c.Site, digest))
		}
	}
	return i
}

// times are those of a request that change, by their attributes.
func times(c *connect.Callback) map[string]time.Time {
	return map[string]time.Time{
		"at": c.At, "slot": c.Slot, "due": c.Due, "outcomeAt": c.OutcomeAt, "tryAt": c.TryAt, "brokenAt": c.BrokenAt,
	}
}

func callbackOf(site connect.SiteID, i item) *connect.Callback {
	return &connect.Callback{
		ID: connect.CallbackID(text(i, "sk")), Site: site, SiteName: text(i, "siteName"), Name: text(i, "name"),
		Phone: text(i, "phone"), PhoneShown: text(i, "phoneShown"),
		Email: connect.Email(text(i, "email")), Department: text(i, "department"), Message: text(i, "message"),
		At:   moment(i, "at"),
		Page: text(i, "page"), Status: connect.CallbackStatus(text(i, "status")), CreatedAt: moment(i, "createdAt"),
		Outcome: connect.Outcome(text(i, "outcome")), Note: text(i, "note"), History: historyOf(i),
		Claim: claimOf(i), Assigned: assigneeOf(i), TryAt: moment(i, "tryAt"), Account: connect.AccountID(text(i, "account")),
		UpdatedAt: moment(i, "updatedAt"), ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
		SiteKey: connect.SiteKey(text(i, "siteKey")), Slot: moment(i, "slot"), Calendar: text(i, "calendar"),
		Due: moment(i, "due"), OutcomeAt: moment(i, "outcomeAt"), BrokenAt: moment(i, "brokenAt"),
		DueHour: connect.Hour(text(i, "dueHour")), DueFor: text(i, "dueFor"),
		Counted:      connect.ParsePromiseCount(text(i, "counted")),
		MissedToldAt: moment(i, "missedToldAt"), Sequence: int(integer(i, "sequence")), Quiet: truth(i, "quiet"),
	}
}

// AddCallback stores a request once per idempotency key; in the same transaction it counts it for c.Account, asks for
// the mail that tells its people, and stores c.Tasks. The same key with the same digest returns the id that was stored
// first, with another one a connect.Mismatch. Where c has a slot, it takes a place in it, or returns
// connect.ErrSlotGone. others name the same key under other versions of the secret that its digest is made with: a
// request that is repeated while the secret is replaced is the same. Of a second request for a number and department
// (Duplicate) it returns the first one's id.
func (s Intake) AddCallback(
	ctx context.Context, c *connect.Callback, key, digest string, now time.Time, others ...IdempotencyKey,
) (connect.CallbackID, error) {
	mark := idempotencyKey(c.Site, key)
	keys := append([]IdempotencyKey{{key, digest}}, others...)
	stored := c.ID
	c.Duplicate = false
	err := again(ctx, 6, func() (bool, error) {
		if id, err := s.callbackUnderKeys(ctx, c.Site, keys, now); id != "" || err != nil {
			stored = id
			return false, err
		}
		first, stale, err := s.duplicate(ctx, c, now)
		if first != nil || err != nil {
			// What was stored in between under the same key is no duplicate.
			id, failed := s.callbackUnderKeys(ctx, c.Site, keys, now)
			switch {
			case id != "" || failed != nil:
				stored, err = id, failed
			case first != nil:
				stored, c.Duplicate = first.ID, true
			}
			return false, err
		}
		if !c.Slot.IsZero() {
			if err := s.hasRoom(ctx, c); err != nil {
				return false, err
			}
		}
		claim := put(s.marks, item{
			"pk": str(mark), "callback": str(string(c.ID)), "digest": str(digest),
			"expiresAt": epoch(now.Add(connect.IdempotencyLife)),
		}, absent+" OR expiresAt <= :now")
		claim.Put.ExpressionAttributeValues = item{":now": epoch(now)}
		writes := []types.TransactWriteItem{claim, put(s.callbacks, callbackItem(c), absent)}
		for _, o := range others {
			writes = append(
				writes, check(s.marks, idempotencyKey(c.Site, o.Key), "", absent+" OR expiresAt <= :now", item{":now": epoch(now)}),
			)
		}
		if !c.Slot.IsZero() {
			writes = append(writes, s.holdSlot(c))
		}
		if len(c.SameDigests) > 0 {
			writes = append(writes, s.markDuplicate(c, stale, now))
		}
		if c.Account != "" {
			writes = append(writes, s.countCallback(c.Account, now), s.messagePut(
				connect.Message{Kind: connect.MailCallbackRequested, Account: c.Account, Site: c.Site, Callback: c.ID}, now))
		}
		writes = append(append(writes, s.taskPuts(c.Tasks)...), s.messagePuts(c, now)...)
		// Where somebody has claimed the key or the last place in between, what they stored is read.
		err = s.transact(ctx, writes...)
		return refusedAt(err) >= 0 || contended(err), err
	})
	if err != nil {
		return "", err
	}
	return stored, nil
}

// Callback returns connect.ErrNotFound for one that is erased, expired or another site's.
func (s Requests) Callback(
	ctx context.Context, site connect.SiteID, id connect.CallbackID, now time.Time,
) (*connect.Callback, error) {
	return s.callback(ctx, site, id, now)
}

func (s *client) callback(
	ctx context.Context, site connect.SiteID, id connect.CallbackID, now time.Time,
) (*connect.Callback, error) {
	i, err := s.get(ctx, s.callbacks, siteKey(site), string(id), true)
	if err != nil {
		return nil, err
	}
	if !unexpired(i, now) {
		return nil, connect.ErrNotFound
	}
	return callbackOf(site, i), nil
}

// ChangeCallback stores what was done with a request, and its times, on condition that nobody has changed it
// since it was read; it returns connect.ErrConflict when somebody has, also by erasing it. What it means for the counts
// of promises goes in the same transaction.
func (s Requests) ChangeCallback(ctx context.Context, c *connect.Callback, now time.Time) error {
	u := s.changeCallback(c, now)
	if more := s.messagePuts(c, now); len(more) > 0 || len(c.PromiseChanges()) > 0 {
		return outcome(s.countPromises(ctx, c, append(more, types.TransactWriteItem{Update: u})...), connect.ErrConflict)
	}
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression, ConditionExpression: u.ConditionExpression,
		ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
	})
	if refused(err) {
		return connect.ErrConflict
	}
	return err
}

// changeCallback is the write of ChangeCallback.
func (s *client) changeCallback(c *connect.Callback, now time.Time) *types.Update {
	was := c.UpdatedAt
	c.UpdatedAt = now.Truncate(time.Millisecond)
	if !c.UpdatedAt.After(was) {
		c.UpdatedAt = was.Add(time.Millisecond)
	}
	set, gone := "SET #status = :status, inbox = :inbox, updatedAt = :now", []string(nil)
	values := item{
		":status": str(string(c.Status)), ":inbox": str(inboxKey(c.Site, c.Status)), ":now": when(c.UpdatedAt),
		":was": when(was),
	}
	if c.Account != "" { // known also for one that was stored without
		set += ", account = :account, queue = :queue, turn = :turn"
		values[":account"], values[":turn"] = str(string(c.Account)), str(c.Turn())
		values[":queue"] = str(queueKey(c.Account, c.Queue()))
	}
	for name, value := range handlingItem(c) {
		if value == nil {
			gone = append(gone, "#"+name)
			continue
		}
		set += ", #" + name + " = :" + name
		values[":"+name] = value
	}
	if len(gone) > 0 {
		set += " REMOVE " + strings.Join(gone, ", ")
	}
	return update(s.callbacks, siteKey(c.Site), string(c.ID), set, "updatedAt = :was", values).Update
}

// InboxPage is how many requests one page of the inbox holds.
const InboxPage = 50

var errCursor = &connect.Error{Kind: connect.Invalid, Code: "invalid", Message: "Invalid cursor.",
	Fields: []connect.FieldError{{Field: "cursor", Message: "Start again without a cursor."}}}

// Callbacks lists a site's requests, newest first; of one status unless that is "". next is the cursor of
// the page that follows, "" after the last. A cursor is the id after which to continue: it only ever reaches
// the same site.
func (s Inbox) Callbacks(
	ctx context.Context, site connect.SiteID, status connect.CallbackStatus, cursor string, now time.Time,
) (page []*connect.Callback, next string, err error) {
	in := &dynamodb.QueryInput{
		TableName: s.callbacks, ScanIndexForward: aws.Bool(false), Limit: aws.Int32(InboxPage + 1),
		KeyConditionExpression: aws.String("pk = :p"), FilterExpression: aws.String("expiresAt > :now"),
		ExpressionAttributeValues: item{":p": str(siteKey(site)), ":now": epoch(now)},
	}
	if status == "" {
		in.ConsistentRead = aws.Bool(true)
	} else {
		in.IndexName, in.KeyConditionExpression = aws.String("byStatus"), aws.String("inbox = :p")
		in.ExpressionAttributeValues[":p"] = str(inboxKey(site, status))
	}
	if cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || !connect.ValidID("c_", string(raw)) {
			return nil, "", errCursor
		}
		in.ExclusiveStartKey = key(siteKey(site), string(raw))
		if status != "" {
			in.ExclusiveStartKey["inbox"] = str(inboxKey(site, status))
		}
	}
	for i, err := range s.items(ctx, in) {
		if err != nil {
			return nil, "", err
		}
		if len(page) == InboxPage { // and one more: the next page has something
			return page, base64.RawURLEncoding.EncodeToString([]byte(page[InboxPage-1].ID)), nil
		}
		page = append(page, callbackOf(site, i))
	}
	return page, "", nil
}

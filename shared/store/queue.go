package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// An account's inbox is read from one index: what waits in the order it is due, then the rest, newest first. Of one
// site the rest is read from the site's own index. Both are read a little at a time and merged, until the page is full
// or has read its share: whatever is asked for, and however little matches, a page costs the same at most.

const (
	// queueBatch is how many requests one read brings.
	queueBatch = 20
	// queueUnits is how many read units a page spends before it comes short, with a next.
	queueUnits = 8
)

// QueueQuery is what of an inbox is asked for.
type QueueQuery struct {
	Account connect.AccountID
	Site    *connect.Site        // one of the account's; nil for all
	States  []connect.QueueState // nil for all
	Matches func(*connect.Callback) bool
	Cursor  string
}

// QueuePage is a page of an inbox.
type QueuePage struct {
	Items []*connect.Callback
	Next  string // cursor of what follows, "" after the last
	// Reached is how far the page has read: when the last request was made that it read. Much may match beyond it.
	Reached time.Time
}

// dry reports whether the next item has to be read first.
func (s *strand) dry() bool { return len(s.items) == 0 && !s.done }

// strand is one ordered list that a page merges.
type strand struct {
	ofSite   bool // in the index by status, not the one by turn
	pk, sort string
	down     bool
	after    string // where to read on
	items    []item
	done     bool
}

// Queue returns a page of an account's inbox: what waits, by when it is due, then the rest, newest first. A cursor
// reaches only what the query itself may.
func (s Inbox) Queue(ctx context.Context, q QueueQuery, now time.Time) (QueuePage, error) {
	if q.Site != nil && q.Site.Account != q.Account {
		return QueuePage{}, connect.ErrNotFound
	}
	waits, after, err := parseQueueCursor(q.Cursor)
	if err != nil {
		return QueuePage{}, err
	}
	p := queueRead{client: s.client, QueueQuery: q, now: now}
	for _, waiting := range []bool{true, false} {
		if waiting && !waits {
			continue
		}
		if full, err := p.read(ctx, waiting, after); full || err != nil {
			return p.page, err
		}
		after = ""
	}
	return p.page, nil
}

// queueRead is a page while it is read.
type queueRead struct {
	*client
	QueueQuery
	now   time.Time
	units float64
	page  QueuePage
}

// read adds what waits, or the rest, and reports whether the page ends there.
func (p *queueRead) read(ctx context.Context, waiting bool, after string) (full bool, err error) {
	strands := p.strands(waiting, after)
	for {
		if p.units >= queueUnits && slices.ContainsFunc(strands, (*strand).dry) {
			p.page.Next = queueCursor(waiting, after)
			return true, nil
		}
		next, read, err := p.pull(ctx, strands)
		p.units += read
		if next == nil || err != nil {
			return false, err
		}
		c := callbackOf(siteIn(next.items[0]), next.items[0])
		// An index may say more than its list is about: what is to be tried again waits, whatever its status.
		if c.ExpiresAt.After(p.now) && (c.Queue() == connect.Waiting) == waiting && p.wants(c) {
			if len(p.page.Items) == InboxPage { // and one more: the next page has something
				p.page.Next = queueCursor(waiting, after)
				return true, nil
			}
			p.page.Items = append(p.page.Items, c)
		}
		after, p.page.Reached = text(next.items[0], next.sort), c.CreatedAt
		next.items = next.items[1:]
	}
}

func (q QueueQuery) wants(c *connect.Callback) bool {
	return (q.Site == nil || c.Site == q.Site.ID) && (q.Matches == nil || q.Matches(c))
}

// strands are the lists that hold what is asked for, of what waits or of the rest.
func (q QueueQuery) strands(waiting bool, after string) (out []*strand) {
	states := connect.HandledStates
	if waiting {
		states = []connect.QueueState{connect.Waiting}
	}
	for _, state := range states {
		switch {
		case q.States != nil && !slices.Contains(q.States, state):
		case q.Site != nil && !waiting:
			status := connect.CallbackStatus(state)
			out = append(out, &strand{ofSite: true, pk: inboxKey(q.Site.ID, status), sort: "sk", down: true, after: after})
		default:
			out = append(out, &strand{pk: queueKey(q.Account, state), sort: "turn", down: !waiting, after: after})
		}
	}
	return out
}

// pull returns the list whose first item is next, nil after the last, and what it has read.
func (s *client) pull(ctx context.Context, strands []*strand) (first *strand, units float64, err error) {
	for _, one := range strands {
		if one.dry() {
			read, err := s.readOn(ctx, one)
			units += read
			if err != nil {
				return nil, units, err
			}
		}
		if len(one.items) == 0 {
			continue
		}
		if first == nil {
			first = one
			continue
		}
		order := cmp.Compare(text(one.items[0], one.sort), text(first.items[0], one.sort))
		if one.down && order > 0 || !one.down && order < 0 {
			first = one
		}
	}
	return first, units, nil
}

func (s *client) readOn(ctx context.Context, one *strand) (units float64, err error) {
	in := &dynamodb.QueryInput{
		TableName: s.callbacks, IndexName: aws.String("byTurn"), Limit: aws.Int32(queueBatch),
		ScanIndexForward: aws.Bool(!one.down), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		KeyConditionExpression: aws.String("queue = :p"), ExpressionAttributeValues: item{":p": str(one.pk)},
	}
	if one.ofSite {
		in.IndexName, in.KeyConditionExpression = aws.String("byStatus"), aws.String("inbox = :p")
	}
	if one.after != "" {
		order := " > :after"
		if one.down {
			order = " < :after"
		}
		*in.KeyConditionExpression += " AND " + one.sort + order
		in.ExpressionAttributeValues[":after"] = str(one.after)
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return 0, err
	}
	one.items, one.done = out.Items, len(out.LastEvaluatedKey) == 0
	if n := len(out.Items); n > 0 {
		one.after = text(out.Items[n-1], one.sort)
	}
	if out.ConsumedCapacity != nil {
		units = aws.ToFloat64(out.ConsumedCapacity.CapacityUnits)
	}
	return units, nil
}

func siteIn(i item) connect.SiteID {
	return connect.SiteID(strings.TrimPrefix(text(i, "pk"), siteKey("")))
}

func queueCursor(waiting bool, at string) string {
	if at == "" && waiting {
		return ""
	}
	phase := "h"
	if waiting {
		phase = "w"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(phase + at))
}

func parseQueueCursor(cursor string) (waits bool, after string, err error) {
	if cursor == "" {
		return true, "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) == 0 || len(raw) > 60 || raw[0] != 'w' && raw[0] != 'h' {
		return false, "", errCursor
	}
	return raw[0] == 'w', string(raw[1:]), nil
}

// WaitingPage is how much of what waits is counted.
const WaitingPage = 100

// Waiting returns what of an account's requests waits, by when it is due, at most so many; more says that there are
// more.
func (s Inbox) Waiting(
	ctx context.Context, account connect.AccountID, most int, now time.Time,
) (list []*connect.Callback, more bool, err error) {
	in := &dynamodb.QueryInput{
		TableName: s.callbacks, IndexName: aws.String("byTurn"), Limit: aws.Int32(int32(most + 1)),
		KeyConditionExpression: aws.String("queue = :p"), FilterExpression: aws.String("expiresAt > :now"),
		ExpressionAttributeValues: item{":p": str(queueKey(account, connect.Waiting)), ":now": epoch(now)},
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, false, err
	}
	for _, i := range out.Items[:min(len(out.Items), most)] {
		list = append(list, callbackOf(siteIn(i), i))
	}
	return list, len(out.LastEvaluatedKey) > 0 || len(out.Items) > most, nil
}

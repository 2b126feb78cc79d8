package store

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Visitor is how a business names a visitor: by number or by address. Digests are the keyed digests under which
// requests are found, one for each version of the key that they may be stored under.
type Visitor struct {
	Via     connect.Via // ViaPhone or ViaEmail
	Digests []string
}

func (v Visitor) index() (name, attribute string) {
	if v.Via == connect.ViaEmail {
		return "byEmail", "emailKey"
	}
	return "byPhone", "phoneKey"
}

// only is a condition that an item is the visitor's, with its values.
func (v Visitor) only(site connect.SiteID) (string, item) {
	_, attribute := v.index()
	values, names := item{}, []string{}
	for n, d := range v.Digests {
		name := ":v" + strconv.Itoa(n)
		values[name], names = str(visitorKey(site, d)), append(names, name)
	}
	return attribute + " IN (" + strings.Join(names, ", ") + ")", values
}

// indexLag is how far an index may be behind its table and still be made up for by reading the newest
// requests from the table itself.
const indexLag = 5 * time.Minute

// place is how far a search for a visitor's requests has come. It goes from the newest to the oldest: those at or
// after cut are read from the table, the others from the index. What comes in after it began is not looked for,
// so that it ends however much comes in.
type place struct{ cut, before connect.CallbackID }

// begin takes a second more than now: another instance's clock may be ahead.
func begin(now time.Time) place {
	return place{connect.FirstCallbackID(now.Add(-indexLag)), connect.FirstCallbackID(now.Add(time.Second))}
}

func (p place) String() string { return string(p.cut) + "/" + string(p.before) }

func parsePlace(s string) (place, bool) {
	cut, before, _ := strings.Cut(s, "/")
	return place{connect.CallbackID(cut), connect.CallbackID(before)}, connect.ValidID("c_", cut) &&
		connect.ValidID("c_", before)
}

// recentRead is how many requests of a site one step reads at most, whoever's they are.
const recentRead = 1000

// search is one step: at most limit of a visitor's requests, in at most one read of the table or one of the index
// for each digest. It may find none and yet not be done.
func (s *client) search(
	ctx context.Context, site connect.SiteID, v Visitor, at place, limit int,
) (ids []connect.CallbackID, next place, done bool, err error) {
	if at.before <= at.cut {
		return s.searchIndex(ctx, site, v, at, limit)
	}
	only, values := v.only(site)
	values[":pk"], values[":from"], values[":to"] = str(siteKey(site)), str(string(at.cut)), str(string(at.before))
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: s.callbacks, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		Limit:                  aws.Int32(recentRead),
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"), FilterExpression: aws.String(only),
		ExpressionAttributeValues: values, ProjectionExpression: aws.String("sk"),
	})
	if err != nil {
		return nil, at, false, err
	}
	for _, i := range out.Items {
		// BETWEEN takes both ends: before itself was had already.
		if id := connect.CallbackID(text(i, "sk")); id < at.before {
			ids = append(ids, id)
		}
	}
	switch {
	case len(ids) > limit:
		ids = ids[:limit]
		at.before = ids[limit-1]
	case len(out.LastEvaluatedKey) > 0:
		at.before = connect.CallbackID(text(out.LastEvaluatedKey, "sk"))
	default:
		at.before = at.cut
	}
	return ids, at, false, nil
}

func (s *client) searchIndex(
	ctx context.Context, site connect.SiteID, v Visitor, at place, limit int,
) (ids []connect.CallbackID, next place, done bool, err error) {
	name, attribute := v.index()
	done = true
	for _, digest := range v.Digests {
		out, err := s.db.Query(ctx, &dynamodb.QueryInput{
			TableName: s.callbacks, IndexName: aws.String(name), ScanIndexForward: aws.Bool(false),
			Limit:                     aws.Int32(int32(limit)),
			KeyConditionExpression:    aws.String(attribute + " = :v AND sk < :before"),
			ExpressionAttributeValues: item{":v": str(visitorKey(site, digest)), ":before": str(string(at.before))},
		})
		if err != nil {
			return nil, at, false, err
		}
		for _, i := range out.Items {
			ids = append(ids, connect.CallbackID(text(i, "sk")))
		}
		done = done && len(out.LastEvaluatedKey) == 0
	}
	// Each digest's list is whole down to its own end, so the newest of all of them are.
	slices.Sort(ids)
	slices.Reverse(ids)
	ids = slices.Compact(ids)
	if len(ids) > limit {
		ids, done = ids[:limit], false
	}
	if len(ids) > 0 {
		at.before = ids[len(ids)-1]
	}
	return ids, at, done, nil
}

const (
	// VisitorPage is how many requests one page of a visitor's data holds at most.
	VisitorPage = 100
	// pageSteps bounds what a page reads before it comes short, with a next.
	pageSteps = 10
)

// VisitorCallbacks returns a page of a visitor's requests at one site, newest first, and the cursor of the next,
// "" after the last. It costs the same whatever the size of the inbox. A cursor reaches only the visitor and the
// site that are named with it.
func (s Visitors) VisitorCallbacks(
	ctx context.Context, site connect.SiteID, v Visitor, cursor string, now time.Time,
) ([]*connect.Callback, string, error) {
	at := begin(now)
	if cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		var ok bool
		if at, ok = parsePlace(string(raw)); err != nil || !ok {
			return nil, "", errCursor
		}
	}
	var page []*connect.Callback
	for range pageSteps {
		ids, next, done, err := s.search(ctx, site, v, at, VisitorPage-len(page))
		if err != nil {
			return nil, "", err
		}
		found, err := s.callbacksOf(ctx, site, ids, now)
		if err != nil {
			return nil, "", err
		}
		page, at = append(page, found...), next
		if done {
			return page, "", nil
		}
		if len(page) == VisitorPage {
			break
		}
	}
	return page, base64.RawURLEncoding.EncodeToString([]byte(at.String())), nil
}

// SitesToSearch lists an account's sites by name.
func (s Visitors) SitesToSearch(ctx context.Context, account connect.AccountID) ([]*connect.Site, error) {
	return Sites(s).SitesOf(ctx, account)
}

// NewestOf returns a visitor's newest requests at one site, at most so many, at the cost of one read of the index for
// each digest and one for each request.
func (s Visitors) NewestOf(
	ctx context.Context, site connect.SiteID, v Visitor, most int, now time.Time,
) ([]*connect.Callback, error) {
	at := begin(now)
	at.cut = at.before // the index alone: what came in within a moment is in the inbox anyway
	ids, _, _, err := s.searchIndex(ctx, site, v, at, most)
	if err != nil {
		return nil, err
	}
	return s.callbacksOf(ctx, site, ids, now)
}

// VisitorCursor is the cursor of a page that ends sooner, with the request last. cursor and next are the page's own.
func VisitorCursor(cursor, next string, last connect.CallbackID, now time.Time) string {
	at := begin(now)
	for _, c := range []string{next, cursor} { // either knows where the index takes over
		if raw, err := base64.RawURLEncoding.DecodeString(c); err == nil && c != "" {
			at, _ = parsePlace(string(raw))
		}
	}
	at.before = last
	return base64.RawURLEncoding.EncodeToString([]byte(at.String()))
}

// callbacksOf reads requests by their ids, at most 100, in the order of ids; those that are gone are left out.
func (s *client) callbacksOf(
	ctx context.Context, site connect.SiteID, ids []connect.CallbackID, now time.Time,
) ([]*connect.Callback, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]map[string]types.AttributeValue, len(ids))
	for n, id := range ids {
		keys[n] = key(siteKey(site), string(id))
	}
	found := make([]*connect.Callback, 0, len(ids))
	ask := map[string]types.KeysAndAttributes{*s.callbacks: {Keys: keys, ConsistentRead: aws.Bool(true)}}
	err := again(ctx, 6, func() (bool, error) {
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: ask})
		if err != nil {
			return false, err
		}
		for _, i := range out.Responses[*s.callbacks] {
			if unexpired(i, now) {
				found = append(found, callbackOf(site, i))
			}
		}
		ask = out.UnprocessedKeys
		return len(ask) > 0, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b *connect.Callback) int { return strings.Compare(string(b.ID), string(a.ID)) })
	return found, nil
}

func visitorKey(site connect.SiteID, digest string) string {
	return string(site) + "#" + digest
}

package store

import (
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

func receiptPlace(r *connect.Receipt) (pk, sk string) {
	switch r.Kind {
	case connect.Erasure:
		// Its time first: a site's list is read newest first, page by page.
		return siteKey(r.Site), erasurePrefix + r.At.UTC().Format(auditTime) + "#" + string(r.ID)
	case connect.Publication:
		return siteKey(r.Site), publishPrefix + r.Revision
	case connect.Withdrawal:
		return receiptKey(r.ID), skWithdrawal
	}
	return receiptKey(r.ID), skConsent
}

func receiptItem(r *connect.Receipt) item {
	pk, sk := receiptPlace(r)
	i := item{
		"pk": str(pk), "sk": str(sk), "day": str(string(r.Day())), "entry": str(string(r.Kind) + "#" + string(r.ID)),
		"at": when(r.At), "mac": str(r.MAC), "expiresAt": epoch(r.ExpiresAt),
	}
	for name, value := range map[string]string{
		"site": string(r.Site), "revision": r.Revision, "text": r.Text, "choice": string(r.Choice), "page": r.Page,
		"via": string(r.Via),
	} {
		if value != "" {
			i[name] = str(value)
		}
	}
	if r.Kind == connect.Erasure {
		i["count"] = num(int64(r.Count))
	}
	return i
}

func receiptOf(i item) *connect.Receipt {
	kind, id, _ := strings.Cut(text(i, "entry"), "#")
	return &connect.Receipt{
		ID: connect.ReceiptID(id), Kind: connect.ReceiptKind(kind), Site: connect.SiteID(text(i, "site")),
		Revision: text(i, "revision"),
		Text:     text(i, "text"), Choice: connect.Choice(text(i, "choice")), Page: text(i, "page"),
		Via:   connect.Via(text(i, "via")),
		Count: int(integer(i, "count")), At: moment(i, "at"), MAC: text(i, "mac"),
		ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
	}
}

// addReceipt is the write of a receipt, for the transaction of its cause. Like every write to the table it
// never replaces anything.
func (s *client) addReceipt(r *connect.Receipt) types.TransactWriteItem {
	return put(s.consents, receiptItem(r), absent)
}

// AddReceipt stores a signed receipt. Where one of its place is there already, that one stays: a
// withdrawal or a publication made twice was made the first time.
func (s ReceiptWriter) AddReceipt(ctx context.Context, r *connect.Receipt) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.consents, Item: receiptItem(r), ConditionExpression: aws.String(absent),
	})
	if refused(err) {
		return nil
	}
	return err
}

// Consent reads an answer to the cookie notice, and its withdrawal if there is one, else nil. It returns
// connect.ErrNotFound for one that expired or never was.
func (s Consents) Consent(
	ctx context.Context, id connect.ReceiptID, now time.Time,
) (given, withdrawn *connect.Receipt, err error) {
	i, err := s.get(ctx, s.consents, receiptKey(id), skConsent, true)
	if err != nil {
		return nil, nil, err
	}
	if !unexpired(i, now) {
		return nil, nil, connect.ErrNotFound
	}
	w, err := s.get(ctx, s.consents, receiptKey(id), skWithdrawal, true)
	if err != nil || w == nil {
		return receiptOf(i), nil, err
	}
	return receiptOf(i), receiptOf(w), nil
}

// Publications lists what a site has confirmed to have published, newest first: one for each version of the privacy
// notice.
func (s Visitors) Publications(ctx context.Context, site connect.SiteID, now time.Time) ([]*connect.Receipt, error) {
	items, err := s.query(ctx, s.consents, siteKey(site), publishPrefix, true)
	if err != nil {
		return nil, err
	}
	var list []*connect.Receipt
	for _, i := range items {
		if unexpired(i, now) {
			list = append(list, receiptOf(i))
		}
	}
	slices.SortFunc(list, func(a, b *connect.Receipt) int { return b.At.Compare(a.At) })
	return list, nil
}

// ErasurePage is how many receipts a page of a site's erasures holds.
const ErasurePage = 50

// Erasures lists the receipts of a site's erasures, newest first, and the cursor of the next page, "" after the
// last. One read serves a page, whatever there is.
func (s Visitors) Erasures(
	ctx context.Context, site connect.SiteID, cursor string, now time.Time,
) ([]*connect.Receipt, string, error) {
	in := &dynamodb.QueryInput{
		TableName: s.consents, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		Limit:                     aws.Int32(ErasurePage),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: item{":pk": str(siteKey(site)), ":sk": str(erasurePrefix)},
	}
	if cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || len(raw) > 100 || !strings.HasPrefix(string(raw), erasurePrefix) {
			return nil, "", errCursor
		}
		in.ExclusiveStartKey = key(siteKey(site), string(raw))
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, "", err
	}
	var list []*connect.Receipt
	for _, i := range out.Items {
		if unexpired(i, now) {
			list = append(list, receiptOf(i))
		}
	}
	if len(out.LastEvaluatedKey) == 0 {
		return list, "", nil
	}
	return list, base64.RawURLEncoding.EncodeToString([]byte(text(out.LastEvaluatedKey, "sk"))), nil
}

// Receipts implements receipt.Shelf. It reads page by page and keeps none.
func (s Sealing) Receipts(ctx context.Context, day connect.Date, yield func(*connect.Receipt) error) error {
	return each(s.items(ctx, &dynamodb.QueryInput{
		TableName: s.consents, IndexName: aws.String("byDay"), KeyConditionExpression: aws.String("#day = :day"),
		ExpressionAttributeNames: map[string]string{"#day": "day"}, ExpressionAttributeValues: item{":day": str(string(day))},
	}), func(i item) error { return yield(receiptOf(i)) })
}

// Seals implements receipt.Shelf.
func (s Sealing) Seals(ctx context.Context, yield func(*connect.Seal) error) error {
	return each(s.items(ctx, &dynamodb.QueryInput{
		TableName: s.consents, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str(pkSeals)},
	}), func(i item) error { return yield(sealOf(i)) })
}

// LastSeal returns nil when no day was sealed yet.
func (s Sealing) LastSeal(ctx context.Context) (*connect.Seal, error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: s.consents, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": str(pkSeals)}, ScanIndexForward: aws.Bool(false), Limit: aws.Int32(1),
	})
	if err != nil || len(out.Items) == 0 {
		return nil, err
	}
	return sealOf(out.Items[0]), nil
}

// AddSeal returns connect.ErrConflict when the day has a seal already. Seals hold no personal data and
// never expire: each is a link of the chain.
func (s Sealing) AddSeal(ctx context.Context, seal *connect.Seal) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.consents, ConditionExpression: aws.String(absent),
		Item: item{
			"pk": str(pkSeals), "sk": str(string(seal.Day)), "count": num(int64(seal.Count)), "root": str(seal.Root),
			"previous": str(seal.Previous), "mac": str(seal.MAC), "at": when(seal.At),
		},
	})
	if refused(err) {
		return connect.ErrConflict
	}
	return err
}

func sealOf(i item) *connect.Seal {
	return &connect.Seal{
		Day: connect.Date(text(i, "sk")), Count: int(integer(i, "count")), Root: text(i, "root"),
		Previous: text(i, "previous"),
		MAC:      text(i, "mac"), At: moment(i, "at"),
	}
}

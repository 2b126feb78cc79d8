package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
)

// Hours returns a site's opening hours, nil where none are stored.
func (s OpeningHours) Hours(
	ctx context.Context, account connect.AccountID, site connect.SiteID,
) (*hours.Rules, error) {
	i, err := s.get(ctx, s.accounts, accountKey(account), hoursPrefix+string(site), false)
	if err != nil || i == nil {
		return nil, err
	}
	return hours.Parse(text(i, "rules"))
}

// ChangeHours stores a site's opening hours on condition that r.Version is still the stored one, which it counts up,
// and that the site is there. It returns connect.ErrConflict when somebody changed them, connect.ErrNotFound when
// the site is gone.
func (s Sites) ChangeHours(
	ctx context.Context, site *connect.Site, r *hours.Rules, events ...connect.AuditEntry,
) error {
	was := r.Version
	r.Version++
	pk := accountKey(site.Account)
	i := item{
		"pk": str(pk), "sk": str(hoursPrefix + string(site.ID)), "rules": str(r.String()), "version": num(int64(r.Version)),
	}
	change := types.TransactWriteItem{Put: &types.Put{
		TableName: s.accounts, Item: i, ConditionExpression: aws.String("version = :was"),
		ExpressionAttributeValues: item{":was": num(int64(was))},
	}}
	if was == 0 {
		change = put(s.accounts, i, absent)
	}
	err := s.transact(ctx, append([]types.TransactWriteItem{
		change, check(s.accounts, pk, sitePrefix+string(site.ID), "attribute_exists(pk)", nil),
	}, s.auditPuts(events)...)...)
	switch {
	case err == nil:
		return nil
	case refusedAt(err) == 1:
		return connect.ErrNotFound
	case refusedAt(err) == 0 || contended(err):
		return connect.ErrConflict
	}
	return err
}

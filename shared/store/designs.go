package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/design"
)

// Design returns what a site's business has chosen for its widget, and what that replaced; nil where there is none.
func (s Designs) Design(
	ctx context.Context, account connect.AccountID, site connect.SiteID,
) (current, previous *design.Design, err error) {
	i, err := s.get(ctx, s.accounts, accountKey(account), designPrefix+string(site), false)
	if err != nil || i == nil {
		return nil, nil, err
	}
	if current, err = design.Parse(text(i, "design")); err == nil && text(i, "previous") != "" {
		previous, err = design.Parse(text(i, "previous"))
	}
	return current, previous, err
}

// ChangeDesign stores a site's design, and the one it replaces for an undo, on condition that d.Version is still the
// stored one, which it counts up, and that the site is there. It returns connect.ErrConflict when somebody changed it,
// connect.ErrNotFound when the site is gone.
func (s Sites) ChangeDesign(
	ctx context.Context, site *connect.Site, d, previous *design.Design, events ...connect.AuditEntry,
) error {
	was := d.Version
	d.Version++
	pk := accountKey(site.Account)
	i := item{
		"pk": str(pk), "sk": str(designPrefix + string(site.ID)), "design": str(d.String()),
		"previous": str(previous.String()), "version": num(int64(d.Version)),
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

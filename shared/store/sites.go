package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// siteItem is written twice, under the account and under the public key, always in one transaction: the
// widget's calls then find all they need with one read.
func siteItem(pk, sk string, s *connect.Site) item {
	if s.ProofKey == "" {
		s.ProofKey = connect.NewProofKey()
	}
	origins := make([]string, len(s.Origins))
	for n, o := range s.Origins {
		origins[n] = string(o)
	}
	i := item{
		"pk": str(pk), "sk": str(sk), "id": str(string(s.ID)), "account": str(string(s.Account)), "key": str(string(s.Key)),
		"name": str(s.Name), "origins": strs(origins), "zone": str(s.TimeZone), "retention": num(int64(s.RetentionDays)),
		"proofKey": str(s.ProofKey),
		"version":  num(int64(s.Version)), "createdAt": when(s.CreatedAt),
	}
	if s.InQueue {
		i["inQueue"] = boolean(true)
	}
	if s.QueuedTo != "" {
		i["queuedTo"] = str(s.QueuedTo)
	}
	if !s.ChosenAt.IsZero() {
		i["chosenAt"] = when(s.ChosenAt)
	}
	return i
}

func siteOf(i item) *connect.Site {
	s := &connect.Site{
		ID: connect.SiteID(text(i, "id")), Account: connect.AccountID(text(i, "account")),
		Key:  connect.SiteKey(text(i, "key")),
		Name: text(i, "name"), TimeZone: text(i, "zone"), ProofKey: text(i, "proofKey"),
		RetentionDays: int(integer(i, "retention")),
		Version:       int(integer(i, "version")), CreatedAt: moment(i, "createdAt"),
		InQueue: truth(i, "inQueue"), QueuedTo: text(i, "queuedTo"),
		ChosenAt: moment(i, "chosenAt"),
	}
	for _, o := range list(i, "origins") {
		s.Origins = append(s.Origins, connect.Origin(o))
	}
	return s
}

// AddSite stores a new site, with what the audit log is to say of it.
func (s Sites) AddSite(ctx context.Context, site *connect.Site, events ...connect.AuditEntry) error {
	site.Version, site.InQueue = 1, true // it has no requests from before
	return s.transact(ctx, append(s.auditPuts(events),
		put(s.accounts, siteItem(accountKey(site.Account), sitePrefix+string(site.ID), site), absent),
		put(s.accounts, siteItem(siteKeyKey(site.Key), skKey, site), absent),
	)...)
}

// AddSiteWithin stores a new site if the plan allows one more.
func (s Sites) AddSiteWithin(
	ctx context.Context, site *connect.Site, plan connect.Entitlement, events ...connect.AuditEntry,
) error {
	site.Version, site.InQueue = 1, true // it has no requests from before
	return s.addWithinLimit(ctx, site.Account, connect.SiteLimit, plan, append([]types.TransactWriteItem{
		put(s.accounts, siteItem(accountKey(site.Account), sitePrefix+string(site.ID), site), absent),
		put(s.accounts, siteItem(siteKeyKey(site.Key), skKey, site), absent),
	}, s.auditPuts(events)...))
}

// WidgetStatus says what a site's account may do now, and whether the site's widget runs.
func (s Intake) WidgetStatus(
	ctx context.Context, site *connect.Site, now time.Time,
) (connect.Entitlement, bool, error) {
	plan, err := Plans(s).Entitlement(ctx, site.Account, now)
	if err != nil {
		return plan, false, err
	}
	closed, err := Widgets(s).IsAccountClosed(ctx, site.Account)
	if err != nil || closed {
		return plan, false, err
	}
	var all []*connect.Site
	if plan.CountsSites() {
		if all, err = Sites(s).SitesOf(ctx, site.Account); err != nil {
			return plan, false, err
		}
	}
	return plan, plan.Pauses(site, all) == connect.Runs, nil
}

// ChangeSite stores a site on condition that nobody has changed it since it was read, and returns
// connect.ErrConflict when somebody has.
func (s Sites) ChangeSite(ctx context.Context, site *connect.Site, events ...connect.AuditEntry) error {
	was := site.Version
	site.Version++
	condition := types.TransactWriteItem{Put: &types.Put{
		TableName: s.accounts, Item: siteItem(accountKey(site.Account), sitePrefix+string(site.ID), site),
		ConditionExpression: aws.String("version = :was"), ExpressionAttributeValues: item{":was": num(int64(was))},
	}}
	err := s.transact(
		ctx,
		append(
			s.auditPuts(events), condition, put(s.accounts, siteItem(siteKeyKey(site.Key), skKey, site), "attribute_exists(pk)"),
		)...,
	)
	if refusedAt(err) >= 0 || contended(err) {
		return connect.ErrConflict
	}
	return err
}

// changeSettings stores what is kept beside a site under a prefix, as the version after was: on condition that was is
// still the stored one, 0 for none, and that the site is there. It returns connect.ErrConflict and
// connect.ErrNotFound.
func (s *client) changeSettings(
	ctx context.Context, site *connect.Site, prefix string, i item, was int, events []connect.AuditEntry,
) error {
	pk := accountKey(site.Account)
	i["pk"], i["sk"], i["version"] = str(pk), str(prefix+string(site.ID)), num(int64(was+1))
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

// RemoveSite takes a site away; its key stops working. Its name stays behind, so that what visitors left
// there goes with the account at the latest. Repeating it is no error.
func (s Sites) RemoveSite(ctx context.Context, site *connect.Site, events ...connect.AuditEntry) error {
	err := s.transact(ctx, append(s.auditPuts(events),
		remove(s.accounts, accountKey(site.Account), sitePrefix+string(site.ID), ""),
		remove(s.accounts, siteKeyKey(site.Key), skKey, ""),
		remove(s.accounts, accountKey(site.Account), hoursPrefix+string(site.ID), ""),
		remove(s.accounts, accountKey(site.Account), designPrefix+string(site.ID), ""),
		put(s.accounts, item{"pk": str(accountKey(site.Account)), "sk": str(removedSitePrefix + string(site.ID))}, ""),
	)...)
	if contended(err) {
		return errBusy
	}
	return err
}

// Site returns connect.ErrNotFound for a site that is not there or is another account's.
func (s Accounts) Site(ctx context.Context, account connect.AccountID, id connect.SiteID) (*connect.Site, error) {
	i, err := s.get(ctx, s.accounts, accountKey(account), sitePrefix+string(id), true)
	if err != nil {
		return nil, err
	}
	if i == nil {
		return nil, connect.ErrNotFound
	}
	return siteOf(i), nil
}

// SitesOf lists an account's sites by name.
func (s Sites) SitesOf(ctx context.Context, account connect.AccountID) ([]*connect.Site, error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), sitePrefix, true)
	if err != nil {
		return nil, err
	}
	sites := make([]*connect.Site, len(items))
	for n, i := range items {
		sites[n] = siteOf(i)
	}
	slices.SortFunc(sites, func(a, b *connect.Site) int {
		return strings.Compare(strings.ToLower(a.Name)+string(a.ID), strings.ToLower(b.Name)+string(b.ID))
	})
	return sites, nil
}

// SiteByKey returns connect.ErrNotFound for a key of no site.
func (s Widgets) SiteByKey(ctx context.Context, key connect.SiteKey) (*connect.Site, error) {
	i, err := s.get(ctx, s.accounts, siteKeyKey(key), skKey, false)
	if err != nil {
		return nil, err
	}
	if i == nil {
		return nil, connect.ErrNotFound
	}
	return siteOf(i), nil
}

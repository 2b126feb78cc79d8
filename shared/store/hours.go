package store

import (
	"context"
	"strings"

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

// Departments returns the departments of an account's sites that have any.
func (s OpeningHours) Departments(
	ctx context.Context, account connect.AccountID,
) (map[connect.SiteID][]string, error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), hoursPrefix, false)
	if err != nil {
		return nil, err
	}
	out := map[connect.SiteID][]string{}
	for _, i := range items {
		rules, err := hours.Parse(text(i, "rules"))
		if err != nil {
			return nil, err
		}
		if names := rules.DepartmentNames(); len(names) > 0 {
			out[connect.SiteID(strings.TrimPrefix(text(i, "sk"), hoursPrefix))] = names
		}
	}
	return out, nil
}

// ChangeHours stores a site's opening hours on condition that r.Version is still the stored one, which it counts up,
// and that the site is there. It returns connect.ErrConflict when somebody changed them, connect.ErrNotFound when
// the site is gone.
func (s Sites) ChangeHours(
	ctx context.Context, site *connect.Site, r *hours.Rules, events ...connect.AuditEntry,
) error {
	was := r.Version
	r.Version++
	return s.changeSettings(ctx, site, hoursPrefix, item{"rules": str(r.String())}, was, events)
}

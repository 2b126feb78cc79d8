package store

import (
	"context"

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
	return s.changeSettings(ctx, site, designPrefix, item{
		"design": str(d.String()), "previous": str(previous.String()),
	}, was, events)
}

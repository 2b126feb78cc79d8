package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// invitePrefixes are where invitations stand in the partition of the account that sent them, by what they use up: what
// waits for a place is found by one read.
var invitePrefixes = map[connect.Limited]string{connect.MemberLimit: "invite#", connect.ClientLimit: "ask#"}

func inviteKey(v connect.Invitation) string { return invitePrefixes[v.Limit()] + v.ID }

func invitationOf(account connect.AccountID, i item) connect.Invitation {
	_, id, _ := strings.Cut(text(i, "sk"), "#")
	return connect.Invitation{
		ID: id, Account: account, Email: connect.Email(text(i, "email")),
		// Clients' invitations named it agencyName once.
		AccountName: cmp.Or(text(i, "accountName"), text(i, "agencyName")),
		Grant:       connect.Grant{Role: connect.ParseRole(text(i, "role")), Payer: connect.Payer(text(i, "payer"))},
		By:          text(i, "by"), Inviter: connect.UserID(text(i, "inviter")), Via: connect.AccountID(text(i, "via")),
		CreatedAt: moment(i, "createdAt"), ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
	}
}

func invitationItem(v connect.Invitation) item {
	i := item{
		"pk": str(accountKey(v.Account)), "sk": str(inviteKey(v)), "email": str(string(v.Email)),
		"accountName": str(v.AccountName),
		"by":          str(v.By), "inviter": str(string(v.Inviter)), "createdAt": when(v.CreatedAt),
		"expiresAt": epoch(v.ExpiresAt),
	}
	if v.ToClient() {
		i["payer"] = str(string(v.Payer))
	} else {
		i["role"] = str(v.Role.String())
	}
	if v.Via != "" {
		i["via"] = str(string(v.Via))
	}
	return i
}

// Invite keeps an invitation and asks for its mail, if the plan has room for it beside what is there and the
// invitations that wait. Whether the address is anybody's is not looked at: that is found out when the mail is written.
// It returns connect.ErrForbidden when the inviter may not give that (any more), and what Entitlement.MayAdd does.
func (s Membership) Invite(
	ctx context.Context, v connect.Invitation, plan connect.Entitlement, e connect.AuditEntry,
) error {
	writes := append([]types.TransactWriteItem{
		put(s.accounts, invitationItem(v), absent),
		s.messagePut(connect.Message{Kind: connect.MailInvitation, Account: v.Account, Invitation: v.ID}, v.CreatedAt),
		s.auditPut(e),
	}, s.inviterChecks(v)...)
	asked := s.waiting(ctx, v.Account, v.Limit(), v.CreatedAt)
	return outcome(s.inviteWithinLimit(ctx, v.Account, v.Limit(), plan, asked, writes), connect.ErrForbidden)
}

// waiting counts the invitations that keep a place of something.
func (s *client) waiting(
	ctx context.Context, account connect.AccountID, of connect.Limited, now time.Time,
) func() (int, error) {
	return func() (int, error) {
		list, err := Team{s}.Invitations(ctx, account, of, now)
		return len(list), err
	}
}

// Invitation returns connect.ErrLinkInvalid for one that was used or withdrawn, has expired, or whose sender
// could not send it now.
func (s Team) Invitation(
	ctx context.Context, account connect.AccountID, id string, now time.Time,
) (connect.Invitation, error) {
	var found item
	for _, of := range []connect.Limited{connect.MemberLimit, connect.ClientLimit} {
		i, err := s.get(ctx, s.accounts, accountKey(account), invitePrefixes[of]+id, true)
		if err != nil {
			return connect.Invitation{}, err
		}
		if i != nil {
			found = i
			break
		}
	}
	if !unexpired(found, now) {
		return connect.Invitation{}, connect.ErrLinkInvalid
	}
	v := invitationOf(account, found)
	members, err := s.Members(ctx, account)
	if err != nil {
		return connect.Invitation{}, err
	}
	good, err := s.inviterMayStill(ctx, v, members)
	if err == nil && !good {
		err = connect.ErrLinkInvalid
	}
	return v, err
}

// Invitations lists those to become one of something that can still be accepted.
func (s Team) Invitations(
	ctx context.Context, account connect.AccountID, of connect.Limited, now time.Time,
) ([]connect.Invitation, error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), invitePrefixes[of], true)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	members, err := s.Members(ctx, account)
	if err != nil {
		return nil, err
	}
	var out []connect.Invitation
	for _, i := range items {
		if !unexpired(i, now) {
			continue
		}
		v := invitationOf(account, i)
		good, err := s.inviterMayStill(ctx, v, members)
		if err != nil {
			return nil, err
		}
		if good {
			out = append(out, v)
		}
	}
	return out, nil
}

// inviterMayStill reports whether an invitation's sender could send it now: it is worth what their place is. An
// agency may name the first owner of an account, and only the first.
func (s *client) inviterMayStill(ctx context.Context, v connect.Invitation, members []connect.Member) (bool, error) {
	if v.Via == "" {
		return slices.ContainsFunc(members, func(m connect.Member) bool {
			return m.User == v.Inviter && v.MayBeGivenBy(m.Role)
		}), nil
	}
	if v.Role == connect.Owner && hasOwner(members) {
		return false, nil
	}
	m, err := Team{s}.Member(ctx, v.Via, v.Inviter)
	if connect.KindOf(err) == connect.NotFound || err == nil && m.Role < connect.Admin {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	link, err := s.get(ctx, s.accounts, accountKey(v.Via), clientPrefix+string(v.Account), true)
	return link != nil, err
}

func hasOwner(members []connect.Member) bool {
	return slices.ContainsFunc(members, func(m connect.Member) bool { return m.Role == connect.Owner })
}

// inviterChecks are the checks that make an invitation worth what its sender's place is at that moment: in the
// transaction that uses it, so that no removal comes in between.
func (s *client) inviterChecks(v connect.Invitation) []types.TransactWriteItem {
	in, least := v.Account, v.Least()
	if v.Via != "" {
		in, least = v.Via, connect.Admin
	}
	checks := []types.TransactWriteItem{s.mayGiveCheck(in, v.Inviter, least)}
	if v.Via != "" {
		checks = append(
			checks, check(s.accounts, accountKey(v.Via), clientPrefix+string(v.Account), "attribute_exists(pk)", nil),
		)
	}
	return checks
}

// mayGiveCheck is the check that a member may make somebody a role.
func (s *client) mayGiveCheck(
	account connect.AccountID, user connect.UserID, role connect.Role,
) types.TransactWriteItem {
	least := max(role, connect.Admin)
	return check(s.accounts, accountKey(account), memberPrefix+string(user), "#role IN (:least, :owner)",
		item{":least": str(least.String()), ":owner": str(connect.Owner.String())})
}

// WithdrawInvitation makes an invitation's link useless. It returns connect.ErrNotFound for one that is not there.
func (s Membership) WithdrawInvitation(ctx context.Context, v connect.Invitation, e connect.AuditEntry) error {
	return outcome(
		s.transact(ctx, remove(s.accounts, accountKey(v.Account), inviteKey(v), "attribute_exists(pk)"), s.auditPut(e)),
		connect.ErrNotFound,
	)
}

// withdrawOf takes away what a member has sent and could not send any more. It is no part of what ended
// their place: such an invitation is worth nothing already, and this only tidies up.
func (s *client) withdrawOf(ctx context.Context, account connect.AccountID, user connect.UserID) error {
	members, err := Team{s}.Members(ctx, account)
	if err != nil {
		return err
	}
	var dead []item
	for _, prefix := range invitePrefixes {
		items, err := s.query(ctx, s.accounts, accountKey(account), prefix, true)
		if err != nil {
			return err
		}
		for _, i := range items {
			v := invitationOf(account, i)
			if v.Inviter != user || v.Via != "" {
				continue
			}
			if good, err := s.inviterMayStill(ctx, v, members); err != nil {
				return err
			} else if !good {
				dead = append(dead, key(text(i, "pk"), text(i, "sk")))
			}
		}
	}
	for _, k := range dead {
		if err := s.delete(ctx, s.accounts, text(k, "pk"), text(k, "sk")); err != nil {
			return err
		}
	}
	return nil
}

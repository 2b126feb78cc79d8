package store

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Members lists an account's members, longest first.
func (s Team) Members(ctx context.Context, account connect.AccountID) ([]connect.Member, error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), memberPrefix, true)
	if err != nil {
		return nil, err
	}
	members := make([]connect.Member, len(items))
	for n, i := range items {
		members[n] = memberOf(i)
	}
	slices.SortStableFunc(members, func(a, b connect.Member) int { return a.Since.Compare(b.Since) })
	return members, nil
}

// Member returns connect.ErrNotFound when the user is none of the account's.
func (s Team) Member(ctx context.Context, account connect.AccountID, user connect.UserID) (connect.Member, error) {
	i, err := s.get(ctx, s.accounts, accountKey(account), memberPrefix+string(user), true)
	if err != nil {
		return connect.Member{}, err
	}
	if i == nil {
		return connect.Member{}, connect.ErrNotFound
	}
	return memberOf(i), nil
}

// asItWas is the condition that a member still has the role that was read.
func asItWas(m connect.Member) (string, item) {
	return "#role = :was", item{":was": str(m.Role.String())}
}

// otherOwnerCheck is a check that another owner stays when m is one no longer; nil for those who are none.
func (s *client) otherOwnerCheck(ctx context.Context, m connect.Member) (*types.TransactWriteItem, error) {
	if m.Role != connect.Owner {
		return nil, nil
	}
	members, err := Team{s}.Members(ctx, m.Account)
	if err != nil {
		return nil, err
	}
	for _, other := range members {
		if other.User != m.User && other.Role == connect.Owner {
			condition, values := asItWas(other)
			c := check(s.accounts, accountKey(m.Account), memberPrefix+string(other.User), condition, values)
			return &c, nil
		}
	}
	return nil, connect.ErrLastOwner
}

// SetRole changes a member's role, unless it was changed since m was read (connect.ErrConflict) or no owner
// would be left (ErrLastOwner). Of their invitations those end that the new role could not send.
func (s Membership) SetRole(ctx context.Context, m connect.Member, role connect.Role, e connect.AuditEntry) error {
	owner, err := s.otherOwnerCheck(ctx, m)
	if err != nil {
		return err
	}
	condition, values := asItWas(m)
	values[":role"] = str(role.String())
	mine := update(s.accounts, accountKey(m.Account), memberPrefix+string(m.User), "SET #role = :role", condition, values)
	theirs := update(s.accounts, userKey(m.User), memberPrefix+string(m.Account), "SET #role = :role", condition, values)
	writes := []types.TransactWriteItem{mine, theirs, s.auditPut(e)}
	if owner != nil {
		writes = append(writes, *owner)
	}
	if err := outcome(s.transact(ctx, writes...), connect.ErrConflict); err != nil || role >= m.Role {
		return err
	}
	return s.withdrawOf(ctx, m.Account, m.User)
}

// RemoveMember ends a membership at once, and tells the person: their next request in the account is
// refused. The refusals are SetRole's.
func (s Membership) RemoveMember(ctx context.Context, m connect.Member, e connect.AuditEntry) error {
	how := connect.MembershipRemoved
	if e.Actor == m.User {
		how = connect.MembershipLeft
	}
	tell := connect.Message{Kind: connect.MailMembershipEnded, User: m.User, Account: m.Account, Detail: how}
	return s.removeMember(ctx, m, e, s.messagePut(tell, e.At))
}

func (s *client) removeMember(
	ctx context.Context, m connect.Member, e connect.AuditEntry, more ...types.TransactWriteItem,
) error {
	owner, err := s.otherOwnerCheck(ctx, m)
	if err != nil {
		return err
	}
	condition, values := asItWas(m)
	mine := remove(s.accounts, accountKey(m.Account), memberPrefix+string(m.User), condition)
	mine.Delete.ExpressionAttributeValues = values
	writes := append([]types.TransactWriteItem{
		mine, remove(s.accounts, userKey(m.User), memberPrefix+string(m.Account), ""), s.auditPut(e),
	}, append(s.leaveWrites(m.User, e.At, e.At.Add(connect.AloneGrace)), more...)...)
	if owner != nil {
		writes = append(writes, *owner)
	}
	if err := outcome(s.transact(ctx, writes...), connect.ErrConflict); err != nil {
		return err
	}
	return s.withdrawOf(ctx, m.Account, m.User)
}

// RequireFactor says whether every member needs a second factor.
func (s Membership) RequireFactor(
	ctx context.Context, account connect.AccountID, required bool, e connect.AuditEntry,
) error {
	return s.transact(ctx,
		update(
			s.accounts, accountKey(account), skAccount, "SET secondFactor = :required", "attribute_exists(pk)",
			item{":required": boolean(required)},
		),
		s.auditPut(e))
}

// Admins are those of an account's members who are told of what happens to the others.
func (s Team) Admins(ctx context.Context, account connect.AccountID) ([]connect.Member, error) {
	members, err := s.Members(ctx, account)
	return slices.DeleteFunc(members, func(m connect.Member) bool { return m.Role < connect.Admin }), err
}

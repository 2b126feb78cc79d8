package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// Members lists an account's members, longest first.
func (s *Store) Members(ctx context.Context, account connect.AccountID) ([]connect.Member, error) {
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

// Member answers connect.ErrNotFound when the user is none of the account's.
func (s *Store) Member(ctx context.Context, account connect.AccountID, user connect.UserID) (connect.Member, error) {
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

// owned is a check that another owner stays when m is one no longer; nil for those who are none.
func (s *Store) owned(ctx context.Context, m connect.Member) (*types.TransactWriteItem, error) {
	if m.Role != connect.Owner {
		return nil, nil
	}
	members, err := s.Members(ctx, m.Account)
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
	return nil, ErrLastOwner
}

// ErrLastOwner refuses to leave an account without an owner.
var ErrLastOwner = &connect.Error{Kind: connect.Conflict, Code: "last-owner", Message: "An account needs an owner. Make somebody else one first."}

// SetRole changes a member's role, unless it was changed since m was read (connect.ErrConflict) or no owner
// would be left (ErrLastOwner).
func (s *Store) SetRole(ctx context.Context, m connect.Member, role connect.Role, e connect.Event) error {
	owner, err := s.owned(ctx, m)
	if err != nil {
		return err
	}
	condition, values := asItWas(m)
	values[":role"] = str(role.String())
	mine := update(s.accounts, accountKey(m.Account), memberPrefix+string(m.User), "SET #role = :role", condition, values)
	theirs := update(s.accounts, userKey(m.User), memberPrefix+string(m.Account), "SET #role = :role", condition, values)
	writes := []types.TransactWriteItem{mine, theirs, s.event(e)}
	if owner != nil {
		writes = append(writes, *owner)
	}
	return outcome(s.transact(ctx, "", writes...), connect.ErrConflict)
}

// RemoveMember ends a membership at once: the next request of that person in the account is refused. The
// refusals are SetRole's.
func (s *Store) RemoveMember(ctx context.Context, m connect.Member, e connect.Event) error {
	owner, err := s.owned(ctx, m)
	if err != nil {
		return err
	}
	condition, values := asItWas(m)
	mine := remove(s.accounts, accountKey(m.Account), memberPrefix+string(m.User), condition)
	mine.Delete.ExpressionAttributeValues = values
	writes := []types.TransactWriteItem{mine, remove(s.accounts, userKey(m.User), memberPrefix+string(m.Account), ""), s.event(e)}
	if owner != nil {
		writes = append(writes, *owner)
	}
	return outcome(s.transact(ctx, "", writes...), connect.ErrConflict)
}

// RequireFactor says whether every member needs a second factor.
func (s *Store) RequireFactor(ctx context.Context, account connect.AccountID, required bool, e connect.Event) error {
	return s.transact(ctx, "",
		update(s.accounts, accountKey(account), skAccount, "SET secondFactor = :required", "attribute_exists(pk)", item{":required": boolean(required)}),
		s.event(e))
}

// Admins are those of an account's members who are told of what happens to the others.
func (s *Store) Admins(ctx context.Context, account connect.AccountID) ([]connect.Member, error) {
	members, err := s.Members(ctx, account)
	return slices.DeleteFunc(members, func(m connect.Member) bool { return m.Role < connect.Admin }), err
}

// ---- invitations -----------------------------------------------------------------------------

func invitationOf(account connect.AccountID, i item) connect.Invitation {
	return connect.Invitation{
		ID: strings.TrimPrefix(text(i, "sk"), invitePrefix), Account: account, AccountName: text(i, "accountName"), Email: connect.Email(text(i, "email")),
		Role: connect.ParseRole(text(i, "role")), By: text(i, "by"), CreatedAt: moment(i, "createdAt"), ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
	}
}

// Invite keeps an invitation and asks for its mail. Whether the address is anybody's is not looked at: that
// is found out when the mail is written.
func (s *Store) Invite(ctx context.Context, v connect.Invitation, e connect.Event) error {
	return s.transact(ctx, "",
		put(s.accounts, item{
			"pk": str(accountKey(v.Account)), "sk": str(invitePrefix + v.ID), "email": str(string(v.Email)), "role": str(v.Role.String()),
			"accountName": str(v.AccountName), "by": str(v.By), "createdAt": when(v.CreatedAt), "expiresAt": epoch(v.ExpiresAt),
		}, absent),
		s.send(Message{Kind: Invite, Account: v.Account, Invitation: v.ID}, v.CreatedAt),
		s.event(e))
}

// Invitation answers connect.ErrLinkInvalid for one that was used, withdrawn, or expired.
func (s *Store) Invitation(ctx context.Context, account connect.AccountID, id string, now time.Time) (connect.Invitation, error) {
	i, err := s.get(ctx, s.accounts, accountKey(account), invitePrefix+id, true)
	if err != nil {
		return connect.Invitation{}, err
	}
	if !live(i, now) {
		return connect.Invitation{}, connect.ErrLinkInvalid
	}
	return invitationOf(account, i), nil
}

// Invitations lists those that still wait.
func (s *Store) Invitations(ctx context.Context, account connect.AccountID, now time.Time) ([]connect.Invitation, error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), invitePrefix, true)
	if err != nil {
		return nil, err
	}
	var out []connect.Invitation
	for _, i := range items {
		if live(i, now) {
			out = append(out, invitationOf(account, i))
		}
	}
	return out, nil
}

// Withdraw makes an invitation's link useless. It answers connect.ErrNotFound for one that is not there.
func (s *Store) Withdraw(ctx context.Context, v connect.Invitation, e connect.Event) error {
	return outcome(s.transact(ctx, "", remove(s.accounts, accountKey(v.Account), invitePrefix+v.ID, "attribute_exists(pk)"), s.event(e)), connect.ErrNotFound)
}

// accept is the write by which an invitation is used up.
func (s *Store) accept(v connect.Invitation, now time.Time) types.TransactWriteItem {
	w := remove(s.accounts, accountKey(v.Account), invitePrefix+v.ID, "attribute_exists(pk) AND expiresAt > :now AND email = :email")
	w.Delete.ExpressionAttributeValues = item{":now": epoch(now), ":email": str(string(v.Email))}
	return w
}

func (s *Store) join(m connect.Member) []types.TransactWriteItem {
	return []types.TransactWriteItem{
		put(s.accounts, memberItem(accountKey(m.Account), memberPrefix+string(m.User), m), absent),
		put(s.accounts, memberItem(userKey(m.User), memberPrefix+string(m.Account), m), absent),
	}
}

// Accept makes a person whose address the invitation is for a member, if the account's plan allows one more.
// It answers connect.ErrLinkInvalid when the invitation is gone, ErrMember when they are one already, and
// what Entitlement.MayAdd does; the invitation then stays.
func (s *Store) Accept(ctx context.Context, v connect.Invitation, user connect.User, plan connect.Entitlement, e connect.Event, now time.Time) error {
	m := connect.Member{Account: v.Account, AccountName: v.AccountName, User: user.ID, Role: v.Role, Since: now}
	writes := append([]types.TransactWriteItem{
		s.accept(v, now),
		check(s.accounts, emailKey(v.Email), skEmail, "#user = :user", item{":user": str(string(user.ID))}),
	}, s.join(m)...)
	err := s.within(ctx, v.Account, connect.MemberLimit, plan, append(writes, s.event(e)))
	if at := refusedAt(err); at == 2 || at == 3 {
		return ErrMember
	}
	return outcome(err, connect.ErrLinkInvalid)
}

// ErrMember refuses to make somebody a member twice.
var ErrMember = &connect.Error{Kind: connect.Conflict, Code: "already-member", Message: "You are a member of this account already."}

// Join makes a new person of an invitation, and logs them in: the mailed link has confirmed the address. It
// answers what Accept does.
func (s *Store) Join(ctx context.Context, v connect.Invitation, user connect.User, hash string, plan connect.Entitlement, t token.Session, session connect.Session, e connect.Event, now time.Time) error {
	m := connect.Member{Account: v.Account, AccountName: v.AccountName, User: user.ID, Role: v.Role, Since: now}
	writes := append([]types.TransactWriteItem{
		s.accept(v, now),
		put(s.accounts, item{"pk": str(emailKey(v.Email)), "sk": str(skEmail), "user": str(string(user.ID))}, absent),
		put(s.accounts, userItem(user), absent),
		put(s.credentials, item{"pk": str(userKey(user.ID)), "sk": str(skPassword), "hash": str(hash)}, absent),
		put(s.sessions, sessionItem(t, session), absent),
		put(s.sessions, sourceItem(user.ID, session.Source, now), ""),
		s.event(e),
	}, s.join(m)...)
	return outcome(s.within(ctx, v.Account, connect.MemberLimit, plan, writes), connect.ErrLinkInvalid)
}

package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// consumeInvitation is the write by which an invitation is used up.
func (s *client) consumeInvitation(v connect.Invitation, now time.Time) types.TransactWriteItem {
	w := remove(
		s.accounts, accountKey(v.Account), inviteKey(v), "attribute_exists(pk) AND expiresAt > :now AND email = :email",
	)
	w.Delete.ExpressionAttributeValues = item{":now": epoch(now), ":email": str(string(v.Email))}
	return w
}

func (s *client) memberWrites(m connect.Member) []types.TransactWriteItem {
	return []types.TransactWriteItem{
		put(s.accounts, memberItem(accountKey(m.Account), memberPrefix+string(m.User), m), absent),
		put(s.accounts, memberItem(userKey(m.User), memberPrefix+string(m.Account), m), absent),
	}
}

// useInvitation makes the writes that use an invitation up, as long as its sender could send it and the
// plan has room.
func (s *client) useInvitation(
	ctx context.Context, v connect.Invitation, plan connect.Entitlement, writes []types.TransactWriteItem,
) error {
	return s.writeWithinLimit(ctx, v.Account, v.Limit(), append(writes, s.inviterChecks(v)...), func() error {
		if v.Via != "" && v.Role == connect.Owner {
			if members, err := (Team{s}).Members(ctx, v.Account); err != nil {
				return err
			} else if hasOwner(members) {
				return connect.ErrLinkInvalid
			}
		}
		have, err := s.countLimited(ctx, v.Account, v.Limit())
		if err != nil {
			return err
		}
		return plan.MayAdd(v.Limit(), have)
	})
}

// AcceptInvitation makes a person whose address the invitation is for a member, if the account's plan allows one more.
// It returns connect.ErrLinkInvalid when the invitation is gone or its sender could not send it now,
// ErrMember when they are one already, and what Entitlement.MayAdd does; the invitation then stays.
func (s Joining) AcceptInvitation(
	ctx context.Context, v connect.Invitation, user connect.User, plan connect.Entitlement, e connect.AuditEntry,
	now time.Time,
) error {
	m := connect.Member{Account: v.Account, AccountName: v.AccountName, User: user.ID, Role: v.Role, Since: now}
	writes := append([]types.TransactWriteItem{
		s.consumeInvitation(v, now),
		check(s.accounts, emailKey(v.Email), skEmail, "#user = :user", item{":user": str(string(user.ID))}),
	}, s.memberWrites(m)...)
	err := s.useInvitation(ctx, v, plan, append(writes, s.auditPut(e), s.stayWrite(user.ID)))
	if at := refusedAt(err); at == 2 || at == 3 {
		return connect.ErrMember
	}
	return outcome(err, connect.ErrLinkInvalid)
}

// JoinByInvitation makes a new person of an invitation, and logs them in: the mailed link has confirmed the address. It
// returns what Accept does.
func (s Joining) JoinByInvitation(
	ctx context.Context, v connect.Invitation, user connect.User, hash string, plan connect.Entitlement,
	t token.Bearer, session connect.LoginSession, e connect.AuditEntry, now time.Time,
) error {
	m := connect.Member{Account: v.Account, AccountName: v.AccountName, User: user.ID, Role: v.Role, Since: now}
	writes := append([]types.TransactWriteItem{
		s.consumeInvitation(v, now),
		put(s.accounts, item{"pk": str(emailKey(v.Email)), "sk": str(skEmail), "user": str(string(user.ID))}, absent),
		put(s.accounts, userItem(user), absent),
		put(s.credentials, item{"pk": str(userKey(user.ID)), "sk": str(skPassword), "hash": str(hash)}, absent),
		put(s.sessions, sessionItem(t, session), absent),
		put(s.sessions, knownDeviceItem(user.ID, session.KnownDevice, now), ""),
		s.auditPut(e),
	}, s.memberWrites(m)...)
	return outcome(s.useInvitation(ctx, v, plan, writes), connect.ErrLinkInvalid)
}

// AcceptAsClient links an account to the agency that invited it, if the agency's plan allows one more. It returns
// connect.ErrLinkInvalid when the invitation is gone, its sender could not send it now, or the two are linked already,
// and what Entitlement.MayAdd does; the invitation then stays.
func (s Joining) AcceptAsClient(
	ctx context.Context, v connect.Invitation, c connect.Client, plan connect.Entitlement, now time.Time,
	events ...connect.AuditEntry,
) error {
	writes := append(append(s.clientLinkWrites(c), s.consumeInvitation(v, now)), s.auditPuts(events)...)
	return outcome(s.useInvitation(ctx, v, plan, writes), connect.ErrLinkInvalid)
}

package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
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
		"pk": str(accountKey(v.Account)), "sk": str(inviteKey(v)), "email": str(string(v.Email)), "accountName": str(v.AccountName),
		"by": str(v.By), "inviter": str(string(v.Inviter)), "createdAt": when(v.CreatedAt), "expiresAt": epoch(v.ExpiresAt),
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

// Invite keeps an invitation and asks for its mail, if the plan has room for it beside what is there and the invitations
// that wait. Whether the address is anybody's is not looked at: that is found out when the mail is written. It
// returns connect.ErrForbidden when the inviter may not give that (any more), and what Entitlement.MayAdd does.
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
func (s *client) waiting(ctx context.Context, account connect.AccountID, of connect.Limited, now time.Time) func() (int, error) {
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
		checks = append(checks, check(s.accounts, accountKey(v.Via), clientPrefix+string(v.Account), "attribute_exists(pk)", nil))
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
	return outcome(s.transact(ctx, remove(s.accounts, accountKey(v.Account), inviteKey(v), "attribute_exists(pk)"), s.auditPut(e)), connect.ErrNotFound)
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

// consumeInvitation is the write by which an invitation is used up.
func (s *client) consumeInvitation(v connect.Invitation, now time.Time) types.TransactWriteItem {
	w := remove(s.accounts, accountKey(v.Account), inviteKey(v), "attribute_exists(pk) AND expiresAt > :now AND email = :email")
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

package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// clientItem is written under both accounts, always in one transaction: each sees who the other is and who
// pays, and the one under the agency is what lets its people in.
func clientItem(pk, sk string, c connect.Client) item {
	return item{
		"pk": str(pk), "sk": str(sk), "agency": str(string(c.Agency)), "agencyName": str(c.AgencyName),
		"account": str(string(c.Account)),
		"name":    str(c.Name), "payer": str(string(c.Payer)), "since": when(c.Since),
	}
}

func clientOf(i item) connect.Client {
	return connect.Client{
		Agency: connect.AccountID(text(i, "agency")), AgencyName: text(i, "agencyName"),
		Account: connect.AccountID(text(i, "account")),
		Name:    text(i, "name"), Payer: connect.Payer(text(i, "payer")), Since: moment(i, "since"),
	}
}

func (s *client) clientLinkWrites(c connect.Client) []types.TransactWriteItem {
	return []types.TransactWriteItem{
		put(s.accounts, clientItem(accountKey(c.Agency), clientPrefix+string(c.Account), c), absent),
		put(s.accounts, clientItem(accountKey(c.Account), agencyPrefix+string(c.Agency), c), absent),
	}
}

func (s *client) clients(ctx context.Context, account connect.AccountID, prefix string) ([]connect.Client, error) {
	items, err := s.query(ctx, s.accounts, accountKey(account), prefix, true)
	if err != nil {
		return nil, err
	}
	out := make([]connect.Client, len(items))
	for n, i := range items {
		out[n] = clientOf(i)
	}
	return out, nil
}

// Clients lists an agency's clients.
func (s Team) Clients(ctx context.Context, agency connect.AccountID) ([]connect.Client, error) {
	return s.clients(ctx, agency, clientPrefix)
}

// Agencies lists who acts in an account as its agency.
func (s Team) Agencies(ctx context.Context, account connect.AccountID) ([]connect.Client, error) {
	return s.clients(ctx, account, agencyPrefix)
}

// AddClient opens an account for a client of an agency's, if the agency's plan allows one more. It has no
// members of its own yet.
func (s Agency) AddClient(
	ctx context.Context, c connect.Client, plan connect.Entitlement, events ...connect.AuditEntry,
) error {
	account := connect.Account{ID: c.Account, Name: c.Name, CreatedAt: c.Since}
	writes := append(s.clientLinkWrites(c), put(s.accounts, accountItem(account), absent))
	asked := s.waiting(ctx, c.Agency, connect.ClientLimit, c.Since)
	return s.inviteWithinLimit(ctx, c.Agency, connect.ClientLimit, plan, asked, append(writes, s.auditPuts(events)...))
}

// EndedClientLink says how the link of an agency and its client ends.
type EndedClientLink struct {
	Client connect.Client
	Tell   bool // the client's owners; not when they end it themselves
	Gone   bool // the agency is at its end: the link goes, also where nobody else can enter the client's account
	At     time.Time
	Audit  []connect.AuditEntry
}

// EndClientLink ends the link of an agency and its client; the agency's people are out with their next request,
// and the client's owners are told. An account without an owner gets one: who has the highest role in it, the
// longest. One that nobody but the agency can enter would be nobody's: it is closed instead, and the link
// stays until it is gone, so that the agency can open it again; then closingAt says when it goes. It returns
// connect.ErrNotFound when there is no link, ErrClosing for an account that is closed already.
func (s Agency) EndClientLink(ctx context.Context, l EndedClientLink) (closingAt time.Time, err error) {
	err = again(ctx, 8, func() (bool, error) {
		closingAt, err = s.endClientLink(ctx, l)
		return errors.Is(err, connect.ErrConflict), err
	})
	return closingAt, err
}

func (s *client) endClientLink(ctx context.Context, l EndedClientLink) (closingAt time.Time, err error) {
	agency, account := l.Client.Agency, l.Client.Account
	i, err := s.get(ctx, s.accounts, accountKey(account), skAccount, true)
	if err != nil {
		return time.Time{}, err
	}
	ends := []types.TransactWriteItem{
		remove(s.accounts, accountKey(agency), clientPrefix+string(account), "attribute_exists(pk)"),
		remove(s.accounts, accountKey(account), agencyPrefix+string(agency), ""),
	}
	alone, err := s.onlyThrough(ctx, agency, account)
	if err != nil {
		return time.Time{}, err
	}
	var writes []types.TransactWriteItem
	switch {
	case i == nil:
		writes = ends
	case alone && i["closingAt"] != nil:
		if !l.Gone {
			return moment(i, "closingAt"), connect.ErrClosing
		}
		writes = ends
	case alone:
		closingAt = l.At.Add(connect.ClosingGrace).Truncate(time.Second)
		e := connect.AuditEntry{
			Account: account, At: l.At, Action: connect.AccountClosing, Target: "its agency left, and it has no members",
			Plan: connect.Free.ID,
		}
		if len(l.Audit) > 0 {
			e.Actor, e.ActorName, e.Client = l.Audit[0].Actor, l.Audit[0].ActorName, l.Audit[0].Client
		}
		writes = append(s.closeWrites(account, closingAt, i, ""), s.auditPut(e))
		if l.Gone {
			writes = append(ends, writes...)
		} else {
			writes = append(
				writes, check(s.accounts, accountKey(agency), clientPrefix+string(account), "attribute_exists(pk)", nil),
			)
		}
	default:
		owners, heir, err := s.heirs(ctx, account)
		if err != nil {
			return time.Time{}, err
		}
		writes = append(ends, heir...)
		for _, m := range owners[:min(len(owners), 20)] {
			if l.Tell {
				writes = append(writes, s.messagePut(connect.Message{
					Kind: connect.MailAgencyEnded, User: m.User, Account: account, Detail: l.Client.AgencyName,
				}, l.At))
			}
		}
	}
	if closingAt.IsZero() || l.Gone {
		writes = append(writes, s.auditPuts(l.Audit)...)
	}
	err = s.transact(ctx, writes...)
	if refusedAt(err) >= 0 {
		link, lost := s.get(ctx, s.accounts, accountKey(agency), clientPrefix+string(account), true)
		if lost != nil || link == nil {
			return time.Time{}, errors.Join(lost, connect.ErrNotFound)
		}
		return time.Time{}, connect.ErrConflict
	}
	return closingAt, outcome(err, connect.ErrConflict)
}

// heirs are an account's owners, and the writes that make one of a member where there is none.
func (s *client) heirs(
	ctx context.Context, account connect.AccountID,
) ([]connect.Member, []types.TransactWriteItem, error) {
	members, err := Team{s}.Members(ctx, account)
	if err != nil || len(members) == 0 {
		return nil, nil, err
	}
	owners := slices.DeleteFunc(slices.Clone(members), func(m connect.Member) bool { return m.Role != connect.Owner })
	if len(owners) > 0 {
		return owners, nil, nil
	}
	heir := slices.MaxFunc(members, func(a, b connect.Member) int { // the first, which is the longest, of the highest
		return int(a.Role) - int(b.Role)
	})
	condition, values := asItWas(heir)
	values[":role"] = str(connect.Owner.String())
	return []connect.Member{heir}, []types.TransactWriteItem{
		update(s.accounts, accountKey(account), memberPrefix+string(heir.User), "SET #role = :role", condition, values),
		update(s.accounts, userKey(heir.User), memberPrefix+string(account), "SET #role = :role", condition, values),
	}, nil
}

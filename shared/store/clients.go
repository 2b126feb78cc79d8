package store

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// clientItem is written under both accounts, always in one transaction: each sees who the other is and who
// pays, and the one under the agency is what lets its people in.
func clientItem(pk, sk string, c connect.Client) item {
	return item{
		"pk": str(pk), "sk": str(sk), "agency": str(string(c.Agency)), "agencyName": str(c.AgencyName), "account": str(string(c.Account)),
		"name": str(c.Name), "payer": str(string(c.Payer)), "since": when(c.Since),
	}
}

func clientOf(i item) connect.Client {
	return connect.Client{
		Agency: connect.AccountID(text(i, "agency")), AgencyName: text(i, "agencyName"), Account: connect.AccountID(text(i, "account")),
		Name: text(i, "name"), Payer: connect.Payer(text(i, "payer")), Since: moment(i, "since"),
	}
}

func (s *Store) link(c connect.Client) []types.TransactWriteItem {
	return []types.TransactWriteItem{
		put(s.accounts, clientItem(accountKey(c.Agency), clientPrefix+string(c.Account), c), absent),
		put(s.accounts, clientItem(accountKey(c.Account), agencyPrefix+string(c.Agency), c), absent),
	}
}

func (s *Store) clients(ctx context.Context, account connect.AccountID, prefix string) ([]connect.Client, error) {
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
func (s *Store) Clients(ctx context.Context, agency connect.AccountID) ([]connect.Client, error) {
	return s.clients(ctx, agency, clientPrefix)
}

// Agencies lists who acts in an account as its agency.
func (s *Store) Agencies(ctx context.Context, account connect.AccountID) ([]connect.Client, error) {
	return s.clients(ctx, account, agencyPrefix)
}

// AddClient opens an account for a client of an agency's, if the agency's plan allows one more. It has no
// members of its own yet.
func (s *Store) AddClient(ctx context.Context, c connect.Client, plan connect.Entitlement, events ...connect.Event) error {
	account := connect.Account{ID: c.Account, Name: c.Name, CreatedAt: c.Since}
	writes := append(s.link(c), put(s.accounts, accountItem(account), absent))
	return s.within(ctx, c.Agency, connect.ClientLimit, plan, append(writes, s.events(events)...))
}

// EndClient ends the link; the agency's people are out with their next request. It answers
// connect.ErrNotFound when there is none.
func (s *Store) EndClient(ctx context.Context, agency, account connect.AccountID, events ...connect.Event) error {
	writes := append([]types.TransactWriteItem{
		remove(s.accounts, accountKey(agency), clientPrefix+string(account), "attribute_exists(pk)"),
		remove(s.accounts, accountKey(account), agencyPrefix+string(agency), ""),
	}, s.events(events)...)
	return outcome(s.transact(ctx, "", writes...), connect.ErrNotFound)
}

func askOf(agency connect.AccountID, i item) connect.ClientInvitation {
	return connect.ClientInvitation{
		ID: strings.TrimPrefix(text(i, "sk"), askPrefix), Agency: agency, AgencyName: text(i, "agencyName"), Email: connect.Email(text(i, "email")),
		Payer: connect.Payer(text(i, "payer")), By: text(i, "by"), CreatedAt: moment(i, "createdAt"), ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
	}
}

// AskClient keeps an invitation to become a client and asks for its mail.
func (s *Store) AskClient(ctx context.Context, v connect.ClientInvitation, e connect.Event) error {
	return s.transact(ctx, "",
		put(s.accounts, item{
			"pk": str(accountKey(v.Agency)), "sk": str(askPrefix + v.ID), "email": str(string(v.Email)), "agencyName": str(v.AgencyName),
			"payer": str(string(v.Payer)), "by": str(v.By), "createdAt": when(v.CreatedAt), "expiresAt": epoch(v.ExpiresAt),
		}, absent),
		s.send(Message{Kind: InviteClient, Account: v.Agency, Invitation: v.ID}, v.CreatedAt),
		s.event(e))
}

// ClientInvitation answers connect.ErrLinkInvalid for one that was used, withdrawn, or expired.
func (s *Store) ClientInvitation(ctx context.Context, agency connect.AccountID, id string, now time.Time) (connect.ClientInvitation, error) {
	i, err := s.get(ctx, s.accounts, accountKey(agency), askPrefix+id, true)
	if err != nil {
		return connect.ClientInvitation{}, err
	}
	if !live(i, now) {
		return connect.ClientInvitation{}, connect.ErrLinkInvalid
	}
	return askOf(agency, i), nil
}

// ClientInvitations lists those that still wait.
func (s *Store) ClientInvitations(ctx context.Context, agency connect.AccountID, now time.Time) ([]connect.ClientInvitation, error) {
	items, err := s.query(ctx, s.accounts, accountKey(agency), askPrefix, true)
	if err != nil {
		return nil, err
	}
	var out []connect.ClientInvitation
	for _, i := range items {
		if live(i, now) {
			out = append(out, askOf(agency, i))
		}
	}
	return out, nil
}

// WithdrawClient is Withdraw for a client's invitation.
func (s *Store) WithdrawClient(ctx context.Context, v connect.ClientInvitation, e connect.Event) error {
	return outcome(s.transact(ctx, "", remove(s.accounts, accountKey(v.Agency), askPrefix+v.ID, "attribute_exists(pk)"), s.event(e)), connect.ErrNotFound)
}

// BecomeClient uses a client's invitation for c, if the agency's plan allows one more. It answers
// connect.ErrLinkInvalid when the invitation is gone or the two are linked already, and what
// Entitlement.MayAdd does; the invitation then stays.
func (s *Store) BecomeClient(ctx context.Context, v connect.ClientInvitation, c connect.Client, plan connect.Entitlement, now time.Time, events ...connect.Event) error {
	used := remove(s.accounts, accountKey(v.Agency), askPrefix+v.ID, "attribute_exists(pk) AND expiresAt > :now")
	used.Delete.ExpressionAttributeValues = item{":now": epoch(now)}
	writes := append(append(s.link(c), used), s.events(events)...)
	return outcome(s.within(ctx, v.Agency, connect.ClientLimit, plan, writes), connect.ErrLinkInvalid)
}

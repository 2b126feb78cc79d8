package store

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func userItem(u connect.User) item {
	return item{
		"pk": str(userKey(u.ID)), "sk": str(skUser), "id": str(string(u.ID)), "email": str(string(u.Email)),
		"name": str(u.Name), "createdAt": when(u.CreatedAt), "terms": str(u.TermsVersion), "processing": str(u.DPAVersion),
	}
}

func userOf(id connect.UserID, i item) connect.User {
	return connect.User{
		ID: id, Email: connect.Email(text(i, "email")), Name: text(i, "name"), CreatedAt: moment(i, "createdAt"),
		SecondFactor: truth(i, "secondFactor"), TermsVersion: text(i, "terms"), DPAVersion: text(i, "processing"),
		LeftAt: moment(i, "leftAt"), Alerts: alertTimes(i),
	}
}

func accountItem(a connect.Account) item {
	return item{
		"pk": str(accountKey(a.ID)), "sk": str(skAccount), "name": str(a.Name), "createdAt": when(a.CreatedAt),
	}
}

func accountOf(id connect.AccountID, i item) connect.Account {
	return connect.Account{
		ID: id, Name: text(i, "name"), CreatedAt: moment(i, "createdAt"),
		SecondFactor: truth(i, "secondFactor"), ClosingAt: moment(i, "closingAt"),
		ClosedWith: connect.AccountID(text(i, "closedWith")),
	}
}

func memberOf(i item) connect.Member {
	return connect.Member{
		Account: connect.AccountID(text(i, "account")), AccountName: text(i, "accountName"),
		User: connect.UserID(text(i, "user")),
		Role: connect.ParseRole(text(i, "role")), Since: moment(i, "since"),
		Alerted: siteSet(i, "alerted"), AlertedDaily: siteSet(i, "alertedDaily"), Unalerted: siteSet(i, "unalerted"),
		AlertDepartments: alertDepartments(i),
	}
}

func memberItem(pk, sk string, m connect.Member) item {
	return item{
		"pk": str(pk), "sk": str(sk), "account": str(string(m.Account)), "accountName": str(m.AccountName),
		"user": str(string(m.User)), "role": str(m.Role.String()), "since": when(m.Since),
	}
}

// User returns connect.ErrNotFound when there is none.
func (s Accounts) User(ctx context.Context, id connect.UserID) (connect.User, error) {
	i, err := s.get(ctx, s.accounts, userKey(id), skUser, false)
	if err != nil {
		return connect.User{}, err
	}
	if i == nil {
		return connect.User{}, connect.ErrNotFound
	}
	return userOf(id, i), nil
}

// Rename changes a person's name, with an entry in the log of each of their accounts. It returns connect.ErrNotFound
// when the login has been deleted.
func (s Profile) Rename(ctx context.Context, id connect.UserID, name string, entries []connect.AuditEntry) error {
	writes := append([]types.TransactWriteItem{
		update(s.accounts, userKey(id), skUser, "SET #name = :name", "attribute_exists(pk)", item{":name": str(name)}),
	}, s.auditPuts(entries)...)
	return outcome(s.transact(ctx, writes...), connect.ErrNotFound)
}

// UserByEmail returns whose address it is, "" when nobody's.
func (s Links) UserByEmail(ctx context.Context, e connect.Email) (connect.UserID, error) {
	i, err := s.get(ctx, s.accounts, emailKey(e), skEmail, true)
	return connect.UserID(text(i, "user")), err
}

// Account returns connect.ErrNotFound when there is none.
func (s Accounts) Account(ctx context.Context, id connect.AccountID) (connect.Account, error) {
	i, err := s.get(ctx, s.accounts, accountKey(id), skAccount, false)
	if err != nil {
		return connect.Account{}, err
	}
	if i == nil {
		return connect.Account{}, connect.ErrNotFound
	}
	return accountOf(id, i), nil
}

// Memberships returns where a person is a member, longest first.
func (s Team) Memberships(ctx context.Context, id connect.UserID) ([]connect.Member, error) {
	items, err := s.query(ctx, s.accounts, userKey(id), memberPrefix, true)
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

package store

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// nameCopies is how many of an account's copied names are written side by side.
const nameCopies = 8

// RenameAccount changes an account's name, and then what was copied from it: to the places of its members, to its
// invitations, and to the links with its agencies and clients. Where it is cut off in between, repeating it does the
// rest; a name that is the same already is copied too, without an entry.
func (s AccountNames) RenameAccount(
	ctx context.Context, account connect.Account, name string, e connect.AuditEntry,
) error {
	id := account.ID
	if name != account.Name {
		err := s.transact(ctx,
			update(s.accounts, accountKey(id), skAccount, "SET #name = :name", "attribute_exists(pk)", item{":name": str(name)}),
			s.auditPut(e))
		if err := outcome(err, connect.ErrNotFound); err != nil {
			return err
		}
	}
	copies, err := s.copiesOfName(ctx, id, name)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	errs := make([]error, nameCopies)
	for n := range nameCopies {
		all.Go(func() {
			for m := n; m < len(copies) && errs[n] == nil; m += nameCopies {
				// What is gone by now needs no name.
				if err := s.transact(ctx, copies[m]...); refusedAt(err) < 0 {
					errs[n] = err
				}
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// copiesOfName are the writes that copy an account's name, those together that are of one thing.
func (s *client) copiesOfName(
	ctx context.Context, id connect.AccountID, name string,
) (copies [][]types.TransactWriteItem, err error) {
	set := func(pk, sk, attribute string) types.TransactWriteItem {
		return update(s.accounts, pk, sk, "SET #"+attribute+" = :name", "attribute_exists(pk)", item{":name": str(name)})
	}
	pk := accountKey(id)
	for _, of := range []struct {
		prefix string
		writes func(i item) []types.TransactWriteItem
	}{
		{memberPrefix, func(i item) []types.TransactWriteItem {
			user := text(i, "user")
			return []types.TransactWriteItem{
				set(pk, memberPrefix+user, "accountName"),
				set(userKey(connect.UserID(user)), memberPrefix+string(id), "accountName"),
			}
		}},
		{clientPrefix, func(i item) []types.TransactWriteItem {
			c := clientOf(i)
			return []types.TransactWriteItem{
				set(pk, clientPrefix+string(c.Account), "agencyName"),
				set(accountKey(c.Account), agencyPrefix+string(id), "agencyName"),
			}
		}},
		{agencyPrefix, func(i item) []types.TransactWriteItem {
			c := clientOf(i)
			return []types.TransactWriteItem{
				set(pk, agencyPrefix+string(c.Agency), "name"), set(accountKey(c.Agency), clientPrefix+string(id), "name"),
			}
		}},
		{invitePrefixes[connect.MemberLimit], func(i item) []types.TransactWriteItem {
			return []types.TransactWriteItem{set(pk, text(i, "sk"), "accountName")}
		}},
		{invitePrefixes[connect.ClientLimit], func(i item) []types.TransactWriteItem {
			return []types.TransactWriteItem{set(pk, text(i, "sk"), "accountName")}
		}},
	} {
		items, err := s.query(ctx, s.accounts, pk, of.prefix, true)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			copies = append(copies, of.writes(i))
		}
	}
	return copies, nil
}

package store

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func closingKey(account connect.AccountID, at time.Time) string {
	return at.UTC().Format(auditTime) + "#" + string(account)
}

// ErrClosing refuses what does not fit an account that is being closed, or is not.
var ErrClosing = &connect.Error{Kind: connect.Conflict, Code: "closing", Message: "This account has been closed already, or is open again."}

// Close notes that all of an account's data is to go at a time, and has the owners told.
func (s *Store) Close(ctx context.Context, account connect.AccountID, at time.Time, tell []Message, e connect.Event) error {
	writes := []types.TransactWriteItem{
		update(s.accounts, accountKey(account), skAccount, "SET closingAt = :at", "attribute_exists(pk) AND attribute_not_exists(closingAt)", item{":at": when(at)}),
		put(s.accounts, item{"pk": str(pkClosing), "sk": str(closingKey(account, at)), "account": str(string(account))}, ""),
		s.event(e),
	}
	for _, m := range tell {
		writes = append(writes, s.send(m, e.At))
	}
	return outcome(s.transact(ctx, "", writes...), ErrClosing)
}

// Restore opens a closed account again while its data is there.
func (s *Store) Restore(ctx context.Context, a connect.Account, e connect.Event) error {
	if a.ClosingAt.IsZero() {
		return ErrClosing
	}
	// Past its time the purge may be at work already.
	if !e.At.Before(a.ClosingAt) {
		return ErrClosing
	}
	return outcome(s.transact(ctx, "",
		update(s.accounts, accountKey(a.ID), skAccount, "REMOVE closingAt", "closingAt = :at", item{":at": when(a.ClosingAt)}),
		remove(s.accounts, pkClosing, closingKey(a.ID, a.ClosingAt), ""),
		s.event(e)), ErrClosing)
}

// Closed lists the accounts whose data is to go by now.
func (s *Store) Closed(ctx context.Context, now time.Time) ([]connect.AccountID, error) {
	items, err := s.query(ctx, s.accounts, pkClosing, "2", true)
	if err != nil {
		return nil, err
	}
	var due []connect.AccountID
	for _, i := range items {
		if at, _, _ := strings.Cut(text(i, "sk"), "#"); at <= now.UTC().Format(auditTime) {
			due = append(due, connect.AccountID(text(i, "account")))
		}
	}
	return due, nil
}

// Purge removes all there is of an account whose time has come, and the people who are in no other. What
// names the rest goes last, so that it may be cut off anywhere and done again.
func (s *Store) Purge(ctx context.Context, account connect.AccountID, now time.Time) error {
	i, err := s.get(ctx, s.accounts, accountKey(account), skAccount, true)
	if err != nil {
		return err
	}
	if at := moment(i, "closingAt"); i != nil && (at.IsZero() || now.Before(at)) {
		return nil // opened again
	}
	// Nobody pays for an account that is gone: function reconcile ends its subscription first.
	if costs, err := s.mayCost(ctx, account); err != nil || costs {
		return err
	}
	sites, err := s.Sites(ctx, account)
	if err != nil {
		return err
	}
	gone, err := s.query(ctx, s.accounts, accountKey(account), gonePrefix, true)
	if err != nil {
		return err
	}
	for _, i := range gone {
		sites = append(sites, &connect.Site{ID: connect.SiteID(text(i, "sk")[len(gonePrefix):])})
	}
	for _, site := range sites {
		if err := s.clear(ctx, s.callbacks, siteKey(site.ID)); err != nil {
			return err
		}
		if err := s.clear(ctx, s.stats, siteKey(site.ID)); err != nil {
			return err
		}
		if err := s.delete(ctx, s.accounts, siteKeyKey(site.Key), skKey); err != nil {
			return err
		}
		if err := s.delete(ctx, s.accounts, accountKey(account), sitePrefix+string(site.ID)); err != nil {
			return err
		}
	}
	members, err := s.Members(ctx, account)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := s.purgeMember(ctx, m); err != nil {
			return err
		}
	}
	for _, side := range []struct {
		prefix, other string
	}{{clientPrefix, agencyPrefix}, {agencyPrefix, clientPrefix}} {
		links, err := s.query(ctx, s.accounts, accountKey(account), side.prefix, true)
		if err != nil {
			return err
		}
		for _, l := range links {
			other := text(l, "sk")[len(side.prefix):]
			if err := s.delete(ctx, s.accounts, accountKey(connect.AccountID(other)), side.other+string(account)); err != nil {
				return err
			}
		}
	}
	sub, err := s.Subscription(ctx, account)
	if err != nil {
		return err
	}
	if sub.Customer != "" {
		if err := s.delete(ctx, s.accounts, customerKey(sub.Customer), skCustomer); err != nil {
			return err
		}
	}
	if err := s.clear(ctx, s.audit, accountKey(account)); err != nil {
		return err
	}
	if err := s.clear(ctx, s.accounts, accountKey(account)); err != nil {
		return err
	}
	closing, err := s.query(ctx, s.accounts, pkClosing, "2", true)
	if err != nil {
		return err
	}
	for _, c := range closing {
		if text(c, "account") == string(account) {
			if err := s.delete(ctx, s.accounts, pkClosing, text(c, "sk")); err != nil {
				return err
			}
		}
	}
	return nil
}

// purgeMember ends a membership, and the person when it was their last.
func (s *Store) purgeMember(ctx context.Context, m connect.Member) error {
	items, err := s.partition(ctx, s.accounts, userKey(m.User))
	if err != nil {
		return err
	}
	email, others := "", 0
	for _, i := range items {
		switch sk := text(i, "sk"); {
		case sk == skUser:
			email = text(i, "email")
		case strings.HasPrefix(sk, memberPrefix) && sk != memberPrefix+string(m.Account):
			others++
		}
	}
	if others == 0 {
		// The credentials' keys are known without reading them, which only function login may.
		for _, sk := range []string{skPassword, skFactors} {
			if err := s.delete(ctx, s.credentials, userKey(m.User), sk); err != nil {
				return err
			}
		}
		if err := s.clear(ctx, s.sessions, userKey(m.User)); err != nil {
			return err
		}
		if email != "" {
			if err := s.delete(ctx, s.accounts, emailKey(connect.Email(email)), skEmail); err != nil {
				return err
			}
		}
		if err := s.delete(ctx, s.accounts, userKey(m.User), skUser); err != nil {
			return err
		}
	}
	if err := s.delete(ctx, s.accounts, userKey(m.User), memberPrefix+string(m.Account)); err != nil {
		return err
	}
	return s.delete(ctx, s.accounts, accountKey(m.Account), memberPrefix+string(m.User))
}

func (s *Store) delete(ctx context.Context, table *string, pk, sk string) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key(pk, sk)})
	return err
}

// clear deletes a partition's items, a page at a time.
func (s *Store) clear(ctx context.Context, table *string, pk string) error {
	for {
		out, err := s.db.Query(ctx, &dynamodb.QueryInput{
			TableName: table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
			ExpressionAttributeValues: item{":pk": str(pk)}, ProjectionExpression: aws.String("pk, sk"), Limit: aws.Int32(200),
		})
		if err != nil || len(out.Items) == 0 {
			return err
		}
		for _, i := range out.Items {
			if err := s.delete(ctx, table, pk, text(i, "sk")); err != nil {
				return err
			}
		}
	}
}

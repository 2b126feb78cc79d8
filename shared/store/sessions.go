package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// seenEvery is how old "last seen" may become before a request writes it again.
const seenEvery = 10 * time.Minute

func sessionItem(t token.Bearer, s connect.LoginSession) item {
	return item{
		"pk": str(userKey(t.User)), "sk": str(sessionPrefix + t.Hash()), "id": str(t.ID()), "device": str(s.Browser),
		"createdAt": when(s.CreatedAt), "seenAt": when(s.LastSeenAt), "expiresAt": epoch(s.ExpiresAt),
	}
}

func sessionOf(user connect.UserID, i item) connect.LoginSession {
	return connect.LoginSession{
		ID: text(i, "id"), User: user, Browser: text(i, "device"), CreatedAt: moment(i, "createdAt"),
		LastSeenAt: moment(i, "seenAt"), ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
	}
}

// Login is what a login was granted on: it comes about only if none of it has changed since it was read.
type Login struct {
	Hash    string                // the password's that was accepted; "" when none was asked for
	Factors *connect.Factors      // as they are after a code or passkey was used; nil when none was
	Token   *connect.OneTimeToken // the mailed link that was followed, or the passkey's challenge
	Audit   []connect.AuditEntry
}

// StartSession logs a browser in. It returns connect.ErrLoginRefused when what the login was granted on
// has changed or been used in the meantime.
func (s Logins) StartSession(
	ctx context.Context, t token.Bearer, session connect.LoginSession, l Login, now time.Time,
) error {
	writes := []types.TransactWriteItem{
		put(s.sessions, sessionItem(t, session), absent),
		put(s.sessions, knownDeviceItem(t.User, session.KnownDevice, now), ""),
	}
	if l.Token != nil && l.Token.User != "" {
		writes = append(
			writes,
			check(
				s.accounts, userKey(t.User), skUser, "attribute_exists(pk) AND "+ofGeneration, generationValues(*l.Token, nil),
			),
		)
	} else {
		writes = append(writes, check(s.accounts, userKey(t.User), skUser, "attribute_exists(pk)", nil))
	}
	if l.Hash != "" {
		writes = append(
			writes, check(s.credentials, userKey(t.User), skPassword, "#hash = :hash", item{":hash": str(l.Hash)}),
		)
	}
	if l.Factors != nil {
		writes = append(writes, s.factors(t.User, l.Factors))
	}
	if l.Token != nil {
		writes = append(writes, s.consumeToken(*l.Token, now))
	}
	return outcome(s.transact(ctx, append(writes, s.auditPuts(l.Audit)...)...), connect.ErrLoginRefused)
}

// Session returns connect.ErrNotLoggedIn for a token of no session, or of one that ended or expired.
func (s Identity) Session(ctx context.Context, t token.Bearer, now time.Time) (connect.LoginSession, error) {
	i, err := s.get(ctx, s.sessions, userKey(t.User), sessionPrefix+t.Hash(), true)
	if err != nil {
		return connect.LoginSession{}, err
	}
	if !unexpired(i, now) {
		return connect.LoginSession{}, connect.ErrNotLoggedIn
	}
	session := sessionOf(t.User, i)
	if now.Sub(session.LastSeenAt) > seenEvery {
		// Not worth failing a request for; and a session that was ended just now must not come back.
		_, _ = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.sessions, Key: key(userKey(t.User), sessionPrefix+t.Hash()),
			UpdateExpression: aws.String("SET seenAt = :now"), ConditionExpression: aws.String("attribute_exists(pk)"),
			ExpressionAttributeValues: item{":now": when(now)},
		})
		session.LastSeenAt = now
	}
	return session, nil
}

// Identify implements web.Identify. A person acts in an account as its member or, in a client's, as a
// member of its agency.
func (s Identity) Identify(
	ctx context.Context, bearer string, account connect.AccountID, now time.Time,
) (connect.Identity, error) {
	t, ok := token.ParseBearer(bearer)
	if !ok {
		return connect.Identity{}, connect.ErrNotLoggedIn
	}
	session, err := s.Session(ctx, t, now)
	if err != nil {
		return connect.Identity{}, err
	}
	items, err := s.partition(ctx, s.accounts, userKey(t.User))
	if err != nil {
		return connect.Identity{}, err
	}
	who := connect.Identity{User: t.User, SessionID: session.ID}
	var members []connect.Member
	there := false
	for _, i := range items {
		switch sk := text(i, "sk"); {
		case sk == skUser:
			// All sessions from before this moment ended with one write, whatever became of their items.
			if session.CreatedAt.Before(moment(i, "sessionsFrom")) && session.ID != text(i, "sessionKept") {
				return connect.Identity{}, connect.ErrNotLoggedIn
			}
			there = true
			who.Name, who.Email, who.SecondFactor = text(i, "name"), connect.Email(text(i, "email")), truth(i, "secondFactor")
		case strings.HasPrefix(sk, memberPrefix):
			members = append(members, memberOf(i))
		}
	}
	if !there {
		return connect.Identity{}, connect.ErrNotLoggedIn
	}
	if account == "" && len(members) == 0 {
		return who, nil
	}
	slices.SortStableFunc(members, func(a, b connect.Member) int { return a.Since.Compare(b.Since) })
	who.Members = members
	for _, m := range members {
		if account == "" || m.Account == account {
			who.Account, who.Role = m.Account, m.Role
			return s.inAccount(ctx, who, now)
		}
	}
	if connect.ValidID("a_", string(account)) {
		for _, m := range members {
			link, err := s.get(ctx, s.accounts, accountKey(m.Account), clientPrefix+string(account), true)
			if err != nil {
				return connect.Identity{}, err
			}
			if role := m.Role.ForClients(); link != nil && role > who.Role {
				who.Account, who.Agency, who.Role = account, m.Account, role
			}
		}
		if who.Account != "" {
			return s.inAccount(ctx, who, now)
		}
		who.Account = account
	}
	return connect.Identity{User: who.User, Account: who.Account}, connect.ErrForbidden
}

// inAccount adds what the account says: its plan, and whether the person lacks a second factor that it, or
// the agency through which they come, asks for.
func (s *client) inAccount(ctx context.Context, who connect.Identity, now time.Time) (connect.Identity, error) {
	for _, id := range []connect.AccountID{who.Agency, who.Account} {
		if id == "" {
			continue
		}
		account, err := s.get(ctx, s.accounts, accountKey(id), skAccount, true)
		if err != nil {
			return connect.Identity{}, err
		}
		if account == nil {
			return connect.Identity{User: who.User, Account: id}, connect.ErrForbidden
		}
		plan, err := Plans{s}.Entitlement(ctx, id, now)
		if err != nil {
			return connect.Identity{}, err
		}
		who.Plan = plan.Plan.ID
		who.LacksFactor = who.LacksFactor || truth(account, "secondFactor") && !who.SecondFactor
	}
	return who, nil
}

// Sessions lists a person's live sessions, last seen first.
func (s Profile) Sessions(ctx context.Context, user connect.UserID, now time.Time) ([]connect.LoginSession, error) {
	items, err := s.query(ctx, s.sessions, userKey(user), sessionPrefix, true)
	if err != nil {
		return nil, err
	}
	var sessions []connect.LoginSession
	for _, i := range items {
		if unexpired(i, now) {
			sessions = append(sessions, sessionOf(user, i))
		}
	}
	slices.SortFunc(sessions, func(a, b connect.LoginSession) int { return b.LastSeenAt.Compare(a.LastSeenAt) })
	return sessions, nil
}

// EndSessions ends those of a person's sessions that match says, by public id, and returns how many. The devices that
// show notifications end with them: before, so that a call that was cut off can be repeated by whoever is logged in
// still, and after, for one that is turned on meanwhile.
func (s Logins) EndSessions(ctx context.Context, user connect.UserID, match func(id string) bool) (int, error) {
	if err := s.endPushDevices(ctx, user, match); err != nil {
		return 0, err
	}
	items, err := s.query(ctx, s.sessions, userKey(user), sessionPrefix, true)
	if err != nil {
		return 0, err
	}
	ended := 0
	for _, i := range items {
		if !match(text(i, "id")) {
			continue
		}
		if _, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: s.sessions, Key: key(userKey(user), text(i, "sk")),
		}); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, s.endPushDevices(ctx, user, match)
}

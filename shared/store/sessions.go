package store

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// seenEvery is how old "last seen" may become before a request writes it anew.
const seenEvery = 10 * time.Minute

func sessionItem(t token.Session, s connect.Session) item {
	return item{
		"pk": str(userKey(t.User)), "sk": str(sessionPrefix + t.Hash()), "id": str(t.ID()), "device": str(s.Device),
		"createdAt": when(s.CreatedAt), "seenAt": when(s.LastSeenAt), "expiresAt": epoch(s.ExpiresAt),
	}
}

func sessionOf(user connect.UserID, i item) connect.Session {
	return connect.Session{
		ID: text(i, "id"), User: user, Device: text(i, "device"), CreatedAt: moment(i, "createdAt"),
		LastSeenAt: moment(i, "seenAt"), ExpiresAt: time.Unix(integer(i, "expiresAt"), 0).UTC(),
	}
}

// StartSession logs a browser in.
func (s *Store) StartSession(ctx context.Context, t token.Session, session connect.Session) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: s.sessions, Item: sessionItem(t, session)})
	return err
}

// Session answers connect.ErrNotSignedIn for a token of no session, or of one that ended or expired.
func (s *Store) Session(ctx context.Context, t token.Session, now time.Time) (connect.Session, error) {
	i, err := s.get(ctx, s.sessions, userKey(t.User), sessionPrefix+t.Hash(), true)
	if err != nil {
		return connect.Session{}, err
	}
	if !live(i, now) {
		return connect.Session{}, connect.ErrNotSignedIn
	}
	session := sessionOf(t.User, i)
	if now.Sub(session.LastSeenAt) > seenEvery {
		// Not worth failing a request for; and a session that was ended just now must not come back.
		s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: s.sessions, Key: key(userKey(t.User), sessionPrefix+t.Hash()),
			UpdateExpression: aws.String("SET seenAt = :now"), ConditionExpression: aws.String("attribute_exists(pk)"),
			ExpressionAttributeValues: item{":now": when(now)},
		})
		session.LastSeenAt = now
	}
	return session, nil
}

// Identify implements web.Identify.
func (s *Store) Identify(ctx context.Context, bearer string, account connect.AccountID, now time.Time) (connect.Identity, error) {
	t, ok := token.ParseSession(bearer)
	if !ok {
		return connect.Identity{}, connect.ErrNotSignedIn
	}
	session, err := s.Session(ctx, t, now)
	if err != nil {
		return connect.Identity{}, err
	}
	members, err := s.Memberships(ctx, t.User)
	if err != nil {
		return connect.Identity{}, err
	}
	who := connect.Identity{User: t.User, Session: session.ID}
	for _, m := range members {
		if account == "" || m.Account == account {
			who.Account, who.Role = m.Account, m.Role
			return who, nil
		}
	}
	return connect.Identity{}, connect.ErrForbidden
}

// Sessions lists a person's live sessions, last seen first.
func (s *Store) Sessions(ctx context.Context, user connect.UserID, now time.Time) ([]connect.Session, error) {
	items, err := s.query(ctx, s.sessions, userKey(user), sessionPrefix, true)
	if err != nil {
		return nil, err
	}
	var sessions []connect.Session
	for _, i := range items {
		if live(i, now) {
			sessions = append(sessions, sessionOf(user, i))
		}
	}
	slices.SortFunc(sessions, func(a, b connect.Session) int { return b.LastSeenAt.Compare(a.LastSeenAt) })
	return sessions, nil
}

// EndSessions ends those of a person's sessions that match says, by public id, and returns how many.
func (s *Store) EndSessions(ctx context.Context, user connect.UserID, match func(id string) bool) (int, error) {
	items, err := s.query(ctx, s.sessions, userKey(user), sessionPrefix, true)
	if err != nil {
		return 0, err
	}
	ended := 0
	for _, i := range items {
		if !match(text(i, "id")) {
			continue
		}
		if _, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: s.sessions, Key: key(userKey(user), text(i, "sk"))}); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, nil
}

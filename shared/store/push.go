package store

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func pushDeviceItem(user connect.UserID, d connect.PushDevice, now time.Time) item {
	return item{
		"pk": str(userKey(user)), "sk": str(pushPrefix + d.ID), "endpoint": str(d.Endpoint),
		"p256dh": str(base64.RawURLEncoding.EncodeToString(d.PublicKey)),
		"auth":   str(base64.RawURLEncoding.EncodeToString(d.Auth)),
		"key":    num(int64(d.Key)), "device": str(d.Browser), "createdAt": when(d.CreatedAt),
		"session": str(d.Session), "sessionFrom": when(d.SessionFrom),
		"expiresAt": epoch(now.Add(connect.PushDeviceLife)),
	}
}

func pushDeviceOf(i item) connect.PushDevice {
	d := connect.PushDevice{
		ID: text(i, "sk")[len(pushPrefix):], Endpoint: text(i, "endpoint"), Key: int(integer(i, "key")),
		Browser: text(i, "device"), CreatedAt: moment(i, "createdAt"),
		Session: text(i, "session"), SessionFrom: moment(i, "sessionFrom"),
	}
	// What is no key is refused when it is sent to.
	d.PublicKey, _ = base64.RawURLEncoding.DecodeString(text(i, "p256dh"))
	d.Auth, _ = base64.RawURLEncoding.DecodeString(text(i, "auth"))
	return d
}

// PushDevices lists where a person is shown notifications, the newest first: of devices that were turned on before
// their logins ended there is none.
func (s PushReader) PushDevices(
	ctx context.Context, user connect.UserID, now time.Time,
) (devices []connect.PushDevice, err error) {
	items, err := s.query(ctx, s.sessions, userKey(user), pushPrefix, true)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	person, err := s.get(ctx, s.accounts, userKey(user), skUser, true)
	if err != nil || person == nil {
		return nil, err
	}
	for _, i := range items {
		d := pushDeviceOf(i)
		ended := d.SessionFrom.Before(moment(person, "sessionsFrom")) && d.Session != text(person, "sessionKept")
		if unexpired(i, now) && !ended {
			devices = append(devices, d)
		}
	}
	slices.SortFunc(devices, func(a, b connect.PushDevice) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return devices[:min(len(devices), connect.MaxPushDevices)], nil
}

// AddPushDevice stores a device, or what has changed of it, in the login that d names. It reports whether it is new,
// and returns connect.ErrTooManyPushDevices, or connect.ErrNotLoggedIn for a login that is ending meanwhile.
func (s PushWriter) AddPushDevice(
	ctx context.Context, user connect.UserID, d connect.PushDevice, now time.Time,
) (added bool, err error) {
	devices, err := PushReader(s).PushDevices(ctx, user, now)
	if err != nil {
		return false, err
	}
	added = true
	for _, one := range devices {
		if one.ID == d.ID {
			added, d.CreatedAt = false, one.CreatedAt
		}
	}
	if added && len(devices) >= connect.MaxPushDevices {
		return false, connect.ErrTooManyPushDevices
	}
	sessions, err := Profile(s).Sessions(ctx, user, now)
	if err != nil {
		return false, err
	}
	begun := false
	for _, one := range sessions {
		if one.ID == d.Session {
			begun, d.SessionFrom = true, one.CreatedAt
		}
	}
	if !begun {
		return false, connect.ErrNotLoggedIn
	}
	put := &dynamodb.PutItemInput{TableName: s.sessions, Item: pushDeviceItem(user, d, now)}
	if _, err := s.db.PutItem(ctx, put); err != nil {
		return false, err
	}
	// EndSessions looks for devices once the login is gone: it has seen this one, or we see that the login is gone.
	sessions, err = Profile(s).Sessions(ctx, user, now)
	if err != nil {
		return false, err
	}
	if !slices.ContainsFunc(sessions, func(one connect.LoginSession) bool { return one.ID == d.Session }) {
		if err := PushEnder(s).EndPushDevice(ctx, user, d.ID); err != nil {
			return false, err
		}
		return false, connect.ErrNotLoggedIn
	}
	return added, nil
}

// EndPushDevice forgets a device.
func (s PushEnder) EndPushDevice(ctx context.Context, user connect.UserID, id string) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: s.sessions, Key: key(userKey(user), pushPrefix+id),
	})
	return err
}

// endPushDevices forgets the devices of logins that match says.
func (s *client) endPushDevices(ctx context.Context, user connect.UserID, match func(session string) bool) error {
	items, err := s.query(ctx, s.sessions, userKey(user), pushPrefix, true)
	if err != nil {
		return err
	}
	for _, i := range items {
		if !match(text(i, "session")) {
			continue
		}
		if err := (PushEnder{s}).EndPushDevice(ctx, user, pushDeviceOf(i).ID); err != nil {
			return err
		}
	}
	return nil
}

// QueuePush asks for a notification of what m tells its reader. It is a message of its own: whatever happens to it,
// the mail is sent once. Repeated for the same m it asks once.
func (s Outbox) QueuePush(ctx context.Context, m connect.Message, now time.Time) error {
	m.ID, m.Kind, m.Phase, m.RetryAt = m.ID+".push", connect.PushRequested, "", time.Time{}
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.outbox, Item: outboxItem(m, now), ConditionExpression: aws.String(absent),
	})
	if refused(err) {
		return nil
	}
	return err
}

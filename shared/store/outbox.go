package store

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func outboxItem(m connect.Message, now time.Time) item {
	id := m.ID
	if id == "" {
		id = connect.NewOutboxID()
	}
	i := item{"pk": str(id), "kind": str(string(m.Kind)), "expiresAt": epoch(now.Add(connect.OutboxLife))}
	for name, v := range map[string]string{
		"registration": m.Registration, "ticket": m.TokenID, "user": string(m.User), "about": string(m.About),
		"account": string(m.Account), "invitation": m.Invitation, "complaint": string(m.Complaint), "notice": m.Detail,
		"site": string(m.Site), "callback": string(m.Callback),
		"place": m.Client.Location, "device": m.Client.Browser,
	} {
		if v != "" {
			i[name] = str(v)
		}
	}
	if !m.At.IsZero() {
		i["at"] = when(m.At)
	}
	if m.Phase != "" {
		i["phase"] = str(string(m.Phase))
	}
	if !m.RetryAt.IsZero() {
		i["retryAt"] = when(m.RetryAt)
	}
	return i
}

// messagePut is the write that asks for m, for the transaction of its cause.
func (s *client) messagePut(m connect.Message, now time.Time) types.TransactWriteItem {
	return put(s.outbox, outboxItem(m, now), absent)
}

// messagePuts are the writes that ask for what tells of a request.
func (s *client) messagePuts(c *connect.Callback, now time.Time) (writes []types.TransactWriteItem) {
	for _, m := range c.Messages {
		writes = append(writes, s.messagePut(m, now))
	}
	return writes
}

package store

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// handlingItem is what people do to a request after it was made; nil for what is not there (any more).
func handlingItem(c *connect.Callback) item {
	i := item{
		"outcome": nil, "note": nil, "claimUser": nil, "claimName": nil, "claimUntil": nil, "history": nil, "calendar": nil,
		"assignedTo": nil, "assignedName": nil,
	}
	for name, at := range times(c) {
		if i[name] = nil; !at.IsZero() {
			i[name] = when(at)
		}
	}
	for name, value := range promiseTexts(c) {
		if i[name] = nil; value != "" {
			i[name] = str(value)
		}
	}
	for name, value := range map[string]string{
		"outcome": string(c.Outcome), "note": c.Note, "claimUser": string(c.Claim.User), "claimName": c.Claim.Name,
		"calendar":   c.Booking().Calendar,
		"assignedTo": string(c.Assigned.User), "assignedName": c.Assigned.Name,
	} {
		if value != "" {
			i[name] = str(value)
		}
	}
	if i["sequence"] = nil; c.Sequence > 0 {
		i["sequence"] = num(int64(c.Sequence))
	}
	if !c.Claim.Until.IsZero() {
		i["claimUntil"] = when(c.Claim.Until)
	}
	if len(c.History) > 0 {
		l := make([]types.AttributeValue, len(c.History))
		for n, h := range c.History {
			entry := item{"at": when(h.At), "by": str(h.Name), "what": str(h.What)}
			if h.To != "" {
				entry["to"] = str(h.To)
			}
			l[n] = &types.AttributeValueMemberM{Value: entry}
		}
		i["history"] = &types.AttributeValueMemberL{Value: l}
	}
	return i
}

func claimOf(i item) connect.Claim {
	user := connect.UserID(text(i, "claimUser"))
	return connect.Claim{User: user, Name: text(i, "claimName"), Until: moment(i, "claimUntil")}
}

func assigneeOf(i item) connect.Assignee {
	return connect.Assignee{User: connect.UserID(text(i, "assignedTo")), Name: text(i, "assignedName")}
}

func historyOf(i item) (out []connect.Handled) {
	l, _ := i["history"].(*types.AttributeValueMemberL)
	if l == nil {
		return nil
	}
	for _, e := range l.Value {
		if m, ok := e.(*types.AttributeValueMemberM); ok {
			h := connect.Handled{At: moment(m.Value, "at"), Name: text(m.Value, "by"), What: text(m.Value, "what")}
			h.To = text(m.Value, "to")
			out = append(out, h)
		}
	}
	return out
}

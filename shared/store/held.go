package store

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What somebody is told of later is kept in one message of theirs for each such instant, which waits in the outbox as
// one to be tried again does. What they would have been told joins it in the transaction that marks its own message:
// it is in one of the two, wherever a process ends.

func heldMessage(user connect.UserID, at time.Time) string {
	return "o_held-" + string(user) + "-" + strconv.FormatInt(at.Unix(), 10)
}

func heldOf(i item) (out []connect.Held) {
	if v, ok := i["held"].(*types.AttributeValueMemberSS); ok {
		for _, one := range v.Value {
			out = append(out, connect.ParseHeld(one))
		}
	}
	return out
}

// mostHeld bounds what one message keeps. Beyond it a site is named once, not request by request.
const mostHeld = 200

// HoldMessage keeps what m has to say for its person until an instant. It reports false when that message is on its way
// already: then it is later than at, and m is to be told as it would be then.
func (s Outbox) HoldMessage(ctx context.Context, m connect.Message, at, now time.Time) (held bool, err error) {
	id := heldMessage(m.User, at)
	err = again(ctx, 8, func() (bool, error) {
		i, err := s.get(ctx, s.outbox, id, "", true)
		if err != nil {
			return false, err
		}
		if i != nil && (text(i, "phase") != string(connect.PhaseWaiting) || i["tries"] != nil) {
			return false, nil
		}
		full := len(heldOf(i)) >= mostHeld
		var refs []string
		for _, h := range m.Holds() {
			if full && h.Late == 0 {
				h.Callback = ""
			}
			refs = append(refs, h.String())
		}
		if len(refs) == 0 {
			return false, nil
		}
		err = s.transact(ctx,
			update(s.outbox, id, "", "ADD held :refs SET kind = :kind, #user = :user, phase = :waiting, retryAt = :at, "+
				"expiresAt = if_not_exists(expiresAt, :end)",
				"attribute_not_exists(pk) OR phase = :waiting AND attribute_not_exists(tries)",
				item{
					":refs": &types.AttributeValueMemberSS{Value: refs}, ":kind": str(string(connect.MailRequestsHeld)),
					":user": str(string(m.User)), ":waiting": str(string(connect.PhaseWaiting)), ":at": when(at),
					":end": epoch(now.Add(connect.OutboxLife)),
				}),
			update(s.outbox, m.ID, "", "SET sentAt = :now REMOVE phase, retryAt",
				"attribute_exists(pk) AND attribute_not_exists(sentAt)", item{":now": when(now)}))
		switch {
		case refusedAt(err) == 0: // it left between the two
			return true, nil
		case refusedAt(err) == 1: // kept by another run
			held = true
			return false, nil
		}
		held = err == nil
		return contended(err), err
	})
	return held, err
}

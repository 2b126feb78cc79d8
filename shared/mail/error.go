package mail

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"
	gomail "github.com/wneessen/go-mail"
)

// Timeout is how long one message may take: others of its batch wait for it.
const Timeout = 4 * time.Second

// Error is why a mail did not leave. It holds nothing of what the mail service wrote: that repeats the address.
type Error struct {
	Permanent bool   // no further try can help
	Code      string // the service's own, "MessageRejected" or "550"; else "timeout", "network", "address"
}

func (e *Error) Error() string { return "mail: not taken: " + e.Code }

// fromSES tells a message that SES will never take from everything that passes or that the operator ends: a
// paused account, a sender that is not verified, throttling, a fault of theirs.
func fromSES(err error) *Error {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return unreachable(err)
	}
	out := &Error{Code: plainCode(api.ErrorCode())}
	_, rejected := errors.AsType[*types.MessageRejected](err)
	_, bad := errors.AsType[*types.BadRequestException](err)
	out.Permanent = rejected || bad
	return out
}

// fromSMTP goes by the reply's first digit (RFC 5321, 4.2.1). Only what was said of the message itself is
// permanent: a server that refuses the login refuses everybody's mail until that is put right.
func fromSMTP(err error) *Error {
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok || e.ErrorCode() == 0 {
		return unreachable(err)
	}
	out := &Error{Code: strconv.Itoa(e.ErrorCode())}
	switch e.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		out.Permanent = e.ErrorCode() >= 500
	}
	return out
}

func unreachable(err error) *Error {
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return &Error{Code: "timeout"}
	}
	return &Error{Code: "network"}
}

// plainCode keeps a name of an exception and nothing else.
func plainCode(s string) string {
	ok := strings.IndexFunc(s, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
	if !ok || s == "" || len(s) > 60 {
		return "unknown"
	}
	return s
}

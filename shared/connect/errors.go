package connect

import (
	"errors"
	"time"
)

// Kind says what went wrong in the product's terms. Package web alone knows which status it becomes.
type Kind int

const (
	Internal      Kind = iota // a fault of ours; the person reads a generic text
	Invalid                   // what was sent breaks a rule
	NotLoggedIn               // no session, or one that ended
	Forbidden                 // logged in, but not allowed
	NotFound                  // not there, or not yours: the two are never told apart
	Conflict                  // somebody else changed it, or it exists already
	TooLarge                  // the body is over its limit
	TooMany                   // throttled; RetryAfter says for how long
	Mismatch                  // an idempotency key was used again for something else
	Unavailable               // try again later
	PaymentNeeded             // the plan, or a debt, does not allow it
)

// Error is what an operation returns when it refuses. Message is read by the person who asked; Cause is
// for the operator's log only.
type Error struct {
	Kind       Kind
	Code       string // stable, for programs: "login-refused"
	Message    string
	Fields     []FieldError
	RetryAfter time.Duration
	Extra      map[string]any // further members of the problem, for programs: what would be right instead
	Cause      error
}

// FieldError is one reason, said next to the field of the request it is about.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Code + ": " + e.Cause.Error()
	}
	return e.Code
}

func (e *Error) Unwrap() error { return e.Cause }

// Is makes two errors of one code equal for errors.Is.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// KindOf returns the kind of err, Internal when it is none of ours.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Errors that more than one operation returns.
var (
	ErrNotLoggedIn  = &Error{Kind: NotLoggedIn, Code: "not-signed-in", Message: "Log in to continue."}
	ErrForbidden    = &Error{Kind: Forbidden, Code: "forbidden", Message: "Your role in this account doesn't allow this."}
	ErrNotFound     = &Error{Kind: NotFound, Code: "not-found", Message: "Not found."}
	ErrLoginRefused = &Error{Kind: NotLoggedIn, Code: "login-refused", Message: "Wrong email or password."}
	ErrLinkInvalid  = &Error{
		Kind: Invalid, Code: "link-invalid",
		Message: "This link has expired, has already been used or is incomplete. Request a new one.",
	}
	ErrCodeNeeded = &Error{
		Kind: NotLoggedIn, Code: "code-needed", Message: "Enter the code from your authenticator app, or a recovery code.",
	}
	ErrCodeRefused = &Error{
		Kind: NotLoggedIn, Code: "code-refused", Message: "This code is wrong or has already been used.",
	}
	ErrFactorLost = &Error{
		Kind: NotLoggedIn, Code: "factor-lost",
		Message: "Your authenticator app needs to be set up again. Log in with a recovery code or a passkey, or recover " +
			"your account by email.",
	}
	ErrPasskey = &Error{
		Kind: NotLoggedIn, Code: "passkey-refused",
		Message: "This passkey wasn't accepted. Try again, or log in with your password.",
	}
	ErrNoFactor = &Error{
		Kind: Forbidden, Code: "second-factor-required",
		Message: "This account requires two-factor authentication. Set it up under Security to continue.",
	}
	ErrAroundCDN = &Error{
		Kind: Forbidden, Code: "around-cdn",
		Message: "The API isn't available at this address. Use the address you were given.",
	}
	ErrConflict = &Error{
		Kind: Conflict, Code: "conflict", Message: "Someone else changed this at the same time. Reload and try again.",
	}
)

// Problems gathers every wrong field of a request, so that a person fixes them in one go.
type Problems []FieldError

func (p *Problems) Add(field, message string) {
	*p = append(*p, FieldError{field, message})
}

// Email is ParseEmail of the field "email".
func (p *Problems) Email(text string) Email {
	e, err := ParseEmail(text)
	if err != nil {
		p.Add("email", err.Error())
	}
	return e
}

// Line is ParseLine of a field.
func (p *Problems) Line(field, text string, most int) string {
	line, err := ParseLine(text, most)
	if err != nil {
		p.Add(field, err.Error())
	}
	return line
}

// Err is nil when nothing was added.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "invalid", Message: "Some fields are invalid.", Fields: p}
}

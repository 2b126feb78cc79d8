package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A change of address: its person asks for it, the current address approves, the new one confirms. Its state is in
// the user's item: the token that approves, and once it is approved the one that confirms. There is one at a time.

// RequestEmailChange begins a change by t, the token that approves it, in place of one that was begun before, and
// writes to the current address.
func (s EmailChanges) RequestEmailChange(
	ctx context.Context, t connect.OneTimeToken, events []connect.AuditEntry, now time.Time,
) error {
	writes := append([]types.TransactWriteItem{
		s.putToken(t),
		update(s.accounts, userKey(t.User), skUser, "SET emailTicket = :ticket REMOVE emailConfirm",
			"email = :old AND "+ofGeneration,
			generationValues(t, item{":ticket": str(t.ID), ":old": str(string(t.OldEmail))})),
		s.messagePut(connect.Message{Kind: connect.MailEmailChangeRequested, TokenID: t.ID}, now),
	}, s.auditPuts(events)...)
	return outcome(s.transact(ctx, writes...), connect.ErrConflict)
}

// ApproveEmailChange uses t and writes to the new address with confirm. It returns connect.ErrLinkInvalid when the
// change was cancelled, replaced, approved before, or ended by a change of what the person logs in with.
func (s EmailChanges) ApproveEmailChange(
	ctx context.Context, t, confirm connect.OneTimeToken, events []connect.AuditEntry, now time.Time,
) error {
	writes := append([]types.TransactWriteItem{
		s.consumeToken(t, now),
		s.putToken(confirm),
		update(s.accounts, userKey(t.User), skUser, "SET emailConfirm = :confirm", "emailTicket = :ticket AND "+ofGeneration,
			generationValues(t, item{":confirm": str(confirm.ID), ":ticket": str(t.ID)})),
		s.messagePut(connect.Message{Kind: connect.MailConfirmEmail, TokenID: confirm.ID}, now),
	}, s.auditPuts(events)...)
	return outcome(s.transact(ctx, writes...), connect.ErrLinkInvalid)
}

// CancelEmailChange ends a change that is not done; with the token "" whichever it is. It returns
// connect.ErrNotFound when there is none.
func (s EmailChanges) CancelEmailChange(
	ctx context.Context, user connect.UserID, ticket string, events []connect.AuditEntry,
) error {
	condition, values := "attribute_exists(emailTicket)", item(nil)
	if ticket != "" {
		condition, values = "emailTicket = :ticket", item{":ticket": str(ticket)}
	}
	writes := append([]types.TransactWriteItem{
		update(s.accounts, userKey(user), skUser, "REMOVE emailTicket, emailConfirm", condition, values),
	}, s.auditPuts(events)...)
	return outcome(s.transact(ctx, writes...), connect.ErrNotFound)
}

// EmailChange returns the change that is asked for and not done, nil when there is none.
func (s EmailChanges) EmailChange(
	ctx context.Context, user connect.UserID, now time.Time,
) (*connect.EmailChange, error) {
	i, err := s.get(ctx, s.accounts, userKey(user), skUser, true)
	if err != nil || text(i, "emailTicket") == "" {
		return nil, err
	}
	// The address itself is in the token alone, which goes by itself.
	t, err := Links(s).OneTimeToken(ctx, connect.PurposeApprove, text(i, "emailTicket"), now)
	if errors.Is(err, connect.ErrLinkInvalid) {
		return nil, nil
	}
	return &connect.EmailChange{To: t.Email, Approved: text(i, "emailConfirm") != "", ExpiresAt: t.ExpiresAt}, err
}

// ChangeEmail gives the token's user the token's address, if nobody has it yet, the user still has the old one
// and the change was neither cancelled nor replaced by another, and tells the old one. It returns
// connect.ErrLinkInvalid otherwise.
func (s EmailChanges) ChangeEmail(
	ctx context.Context, t connect.OneTimeToken, events []connect.AuditEntry, now time.Time,
) error {
	writes := append([]types.TransactWriteItem{
		s.consumeToken(t, now),
		put(s.accounts, item{"pk": str(emailKey(t.Email)), "sk": str(skEmail), "user": str(string(t.User))}, absent),
		remove(s.accounts, emailKey(t.OldEmail), skEmail, "attribute_exists(pk)"),
		s.changeCredentials(t.User, "SET email = :new", "email = :old AND emailConfirm = :ticket",
			item{":new": str(string(t.Email)), ":old": str(string(t.OldEmail)), ":ticket": str(t.ID)}, &t),
		s.messagePut(connect.Message{Kind: connect.MailEmailChanged, TokenID: t.ID}, now),
	}, s.auditPuts(events)...)
	return outcome(s.transact(ctx, writes...), connect.ErrLinkInvalid)
}

package main

import (
	"slices"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// stories yields messages one story after the other, each once its cause is in the database: the first is of nobody's
// account, the last of an account that is closed.
func stories(f *fixture, text string) func(yield func(int, []connect.Message) bool) {
	ctx, now := f.T.Context(), f.Clock.Now()
	do := func(err error) {
		f.T.Helper()
		if err != nil {
			f.T.Fatal(err)
		}
	}
	pat, eve, ada := f.Person("pat@example.com"), f.Person("eve@example.com"), f.Person("ada@example.com")
	for _, p := range []apitest.Person{pat, eve, ada} {
		f.SetText("ACCOUNTS_TABLE", "A#"+string(p.Account), "account", "name", text)
	}
	e := connect.AuditEntry{Account: pat.Account, At: now}
	list := []func() []connect.Message{
		func() []connect.Message {
			taken := connect.Registration{
				ID:        token.NewID(),
				Email:     "pat@example.com",
				Name:      text,
				Company:   text,
				ExpiresAt: now.Add(time.Hour),
			}
			do(f.Store.Register(ctx, taken, now))
			return []connect.Message{
				{Kind: connect.MailVerifyEmail, Registration: f.register("new@example.com")},
				{Kind: connect.MailVerifyEmail, Registration: taken.ID},
			}
		},
		func() (out []connect.Message) {
			for kind, to := range map[connect.MessageKind]connect.Email{
				connect.MailLoginLink: "pat@example.com", connect.MailResetPassword: "pat@example.com",
				connect.MailRecovery: "pat@example.com", connect.MailConfirmEmail: "fresh@example.com",
				connect.MailEmailChangeRequested: "fresh@example.com", connect.MailEmailChanged: "fresh@example.com",
				connect.MailLoginDeleted: "pat@example.com",
			} {
				ticket := connect.OneTimeToken{
					ID:        token.NewID(),
					Purpose:   string(kind),
					User:      pat.Token.User,
					Email:     to,
					OldEmail:  "pat@example.com",
					ExpiresAt: now.Add(time.Hour),
				}
				do(f.Store.IssueToken(ctx, ticket, now))
				if kind == connect.MailEmailChanged {
					do(f.Store.ConsumeToken(ctx, ticket, now))
				}
				out = append(out, connect.Message{Kind: kind, TokenID: ticket.ID})
			}
			taken := connect.OneTimeToken{
				ID:        token.NewID(),
				Purpose:   connect.PurposeEmail,
				User:      pat.Token.User,
				Email:     "eve@example.com",
				ExpiresAt: now.Add(time.Hour),
			}
			do(f.Store.IssueToken(ctx, taken, now))
			return append(out, connect.Message{Kind: connect.MailConfirmEmail, TokenID: taken.ID})
		},
		func() []connect.Message {
			ticket := connect.OneTimeToken{
				ID:        token.NewID(),
				Purpose:   connect.PurposeRecover,
				User:      pat.Token.User,
				ExpiresAt: now.Add(time.Hour),
			}
			do(f.Store.IssueToken(ctx, ticket, now))
			_, err := f.Store.WaitForRecovery(ctx, ticket, nil, nil, now)
			do(err)
			return []connect.Message{
				{
					Kind: connect.MailRecoveryStarted,
					User: pat.Token.User,
				}, {Kind: connect.MailRecoveryOfMember, User: eve.Token.User, About: pat.Token.User},
				{Kind: connect.MailPasswordChanged, User: pat.Token.User}, {Kind: connect.MailFactorsChanged, User: pat.Token.User},
			}
		},
		func() []connect.Message {
			v := connect.Invitation{
				ID:          connect.NewInvitationID(),
				Account:     pat.Account,
				AccountName: text,
				Email:       "new@example.com",
				Grant:       connect.Grant{Role: connect.Admin},
				By:          text,
				Inviter:     pat.Token.User,
				CreatedAt:   now,
				ExpiresAt:   now.Add(time.Hour),
			}
			do(f.Store.Invite(ctx, v, apitest.Roomy, e))
			out := []connect.Message{{Kind: connect.MailInvitation, Account: pat.Account, Invitation: v.ID}}
			for _, payer := range []connect.Payer{connect.ClientPays, connect.AgencyPays} {
				v := connect.Invitation{
					ID:          connect.NewInvitationID(),
					Account:     pat.Account,
					AccountName: text,
					Email:       "client@example.com",
					Grant:       connect.Grant{Payer: payer},
					By:          text,
					Inviter:     pat.Token.User,
					CreatedAt:   now,
					ExpiresAt:   now.Add(time.Hour),
				}
				do(f.Store.Invite(ctx, v, apitest.Roomy, e))
				out = append(out, connect.Message{Kind: connect.MailInvitation, Account: pat.Account, Invitation: v.ID})
			}
			return out
		},
		func() []connect.Message {
			return bill(f, pat, connect.Billing{Status: connect.Trialing, TrialEnd: now.Add(48 * time.Hour)})
		},
		func() []connect.Message {
			return bill(
				f,
				pat,
				connect.Billing{Status: connect.PastDue, Invoice: "in_1", InvoiceOpen: true, DueSince: now},
			)
		},
		func() []connect.Message {
			return bill(
				f,
				pat,
				connect.Billing{
					Status:         connect.PastDue,
					Invoice:        "in_2",
					InvoiceOpen:    true,
					DueSince:       now,
					RequiresAction: true,
				},
			)
		},
		func() []connect.Message { return bill(f, pat, connect.Billing{Status: connect.Canceled, EndedAt: now}) },
		func() []connect.Message {
			return []connect.Message{{Kind: connect.MailOverLimit, Account: pat.Account, User: pat.Token.User}}
		},
		func() []connect.Message {
			site := f.Site(eve.Account, text, "Europe/London", "https://shop.example")
			first := f.ask(site, text)
			later := f.ask(site, text)
			f.SetText("CALLBACKS_TABLE", "S#"+string(site.ID), string(first.ID), "department", text)
			f.SetText("CALLBACKS_TABLE", "S#"+string(site.ID), string(first.ID), "page", "/"+text)
			about := connect.Message{
				Kind: connect.MailCallbackRequested, Account: eve.Account, User: eve.Token.User, Site: site.ID,
			}
			second, rest, risk := about, about, about
			about.Callback, second.Callback, rest.Kind = first.ID, later.ID, connect.MailCallbacksWaiting
			risk.Callback, risk.Kind = first.ID, connect.MailPromiseAtRisk
			broken := f.ask(site, text)
			broken.Due = f.Clock.Now().Add(-time.Minute)
			do(f.Store.ChangeCallback(ctx, broken, f.Clock.Now()))
			late, many, visitor := about, about, about
			late.Kind, late.Callback, late.Detail = connect.MailPromiseBroken, broken.ID, "1"
			many.Kind, many.Callback, many.Detail = connect.MailPromiseBroken, "", "12"
			visitor.Kind, visitor.Callback, visitor.User = connect.MailCallLate, broken.ID, ""
			one := many
			one.Detail = "1"
			held := connect.Message{Kind: connect.MailRequestsHeld, User: eve.Token.User, Held: slices.Concat(
				about.Holds(), second.Holds(), rest.Holds(), late.Holds(), many.Holds())}
			lateOnly := held
			lateOnly.Held = many.Holds()
			return []connect.Message{about, second, rest, risk, late, many, one, visitor, held, lateOnly}
		},
		func() (out []connect.Message) {
			site := f.Site(eve.Account, text, "Europe/London", "https://shop.example")
			for kind, status := range map[connect.MessageKind]connect.CallbackStatus{
				connect.MailVisitorConfirmed: connect.StatusNew, connect.MailVisitorMoved: connect.StatusNew,
				connect.MailVisitorCancelled: connect.StatusCancelled, connect.MailVisitorMissed: connect.StatusMissed,
				connect.MailVisitorReminder: connect.StatusNew,
			} {
				c := f.book(site, text, now.Add(48*time.Hour))
				c.Mark(status, "", now)
				do(f.Store.ChangeCallback(ctx, c, now))
				out = append(out, c.Tell(kind, site.Account))
			}
			return append(out, f.ask(site, text).Tell(connect.MailVisitorConfirmed, site.Account))
		},
		func() []connect.Message {
			c := &connect.Complaint{
				ID:        connect.NewComplaintID(),
				Name:      text,
				Email:     "vera@example.com",
				Message:   text + "\n\nSecond paragraph.",
				CreatedAt: now,
			}
			do(f.Store.AddComplaint(ctx, c, "digest", true, now))
			answered := *c
			answered.ID = connect.NewComplaintID()
			do(f.Store.AddComplaint(ctx, &answered, "another", false, now))
			answered.Step(connect.ComplaintUpdated, text, now)
			answered.Close(connect.ComplaintUpheld, text+"\n\nSecond paragraph.", now)
			do(f.Store.ChangeOwnComplaint(ctx, &answered, nil, now))
			return []connect.Message{
				{Kind: connect.MailComplaintUpdate, Complaint: answered.ID, Detail: "0"},
				{Kind: connect.MailComplaintAnswer, Complaint: answered.ID},
				{Kind: connect.MailComplaintReceived, Complaint: c.ID},
				{Kind: connect.MailComplaint, Complaint: c.ID},
				{Kind: connect.MailComplaintDigest, ID: "o_digest"},
			}
		},
		func() []connect.Message { return f.complaintStory(eve, text) },
		func() []connect.Message {
			f.Member(ada, eve.Account, connect.Viewer)
			mine, err := f.Store.Member(ctx, ada.Account, ada.Token.User)
			do(err)
			other := f.Person("other@example.com")
			f.Member(other, ada.Account, connect.Owner)
			do(f.Store.RemoveMember(ctx, mine, connect.AuditEntry{Account: ada.Account, At: now, Actor: ada.Token.User}))
			left := connect.Message{
				Kind:    connect.MailMembershipEnded,
				User:    ada.Token.User,
				Account: ada.Account,
				Detail:  connect.MembershipLeft,
			}
			removed := left
			removed.Detail = connect.MembershipRemoved
			return []connect.Message{
				left,
				removed,
				{Kind: connect.MailAgencyEnded, User: eve.Token.User, Account: eve.Account, Detail: text},
			}
		},
		func() []connect.Message {
			theirs, err := f.Store.Member(ctx, eve.Account, ada.Token.User)
			do(err)
			do(f.Store.RemoveMember(ctx, theirs, connect.AuditEntry{Account: eve.Account, At: now, Actor: eve.Token.User}))
			return []connect.Message{
				{Kind: connect.MailMembershipEnded, User: ada.Token.User, Account: eve.Account, Detail: connect.MembershipRemoved},
			}
		},
		func() []connect.Message {
			do(f.Store.CloseAccount(ctx, pat.Account, now.Add(connect.ClosingGrace), nil, e))
			return []connect.Message{{Kind: connect.MailAccountClosing, User: eve.Token.User, Account: pat.Account}}
		},
	}
	return func(yield func(int, []connect.Message) bool) {
		for n, story := range list {
			if !yield(n, story()) {
				return
			}
		}
	}
}

// bill brings an account's subscription into a state, and returns the message to its owner.
func bill(f *fixture, p apitest.Person, b connect.Billing) []connect.Message {
	s, err := f.Store.Subscription(f.T.Context(), p.Account)
	if err != nil {
		f.T.Fatal(err)
	}
	b.ID, b.Plan = "sub_1", "starter"
	s.Billing = b
	notice := s.DueAlert(f.Clock.Now())
	if err := f.Store.SaveSubscription(f.T.Context(), s, "", f.Clock.Now()); err != nil {
		f.T.Fatal(err)
	}
	return []connect.Message{{Kind: connect.MailBillingAlert, Account: p.Account, User: p.Token.User, Detail: notice}}
}

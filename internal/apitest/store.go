package apitest

import "github.com/mi-telecom/mi-connect/shared/store"

// Store is every door at once, which no function has: a test arranges, and looks at, what several of them do.
type Store struct {
	store.Visits
	store.Widgets
	store.Intake
	store.Requests
	store.Inbox
	store.Backlog
	store.Throttles
	store.Complaints
	store.ComplaintDigests
	store.SiteComplaintIntake
	store.SiteComplaintReader
	store.SiteComplaintRegister
	store.SiteComplaintDesk
	store.OwnComplaints
	store.Consents
	store.ReceiptWriter
	store.Visitors
	store.UnfinishedErasures
	store.Sealing
	store.Identity
	store.Accounts
	store.Sites
	store.OpeningHours
	store.Designs
	store.Plans
	store.Team
	store.Membership
	store.AccountNames
	store.Agency
	store.Reopening
	store.Profile
	store.AuditReader
	store.AuditWriter
	store.Stats
	store.Counts
	store.Parked
	store.Links
	store.Tokens
	store.Logins
	store.Credentials
	store.Registrations
	store.EmailChanges
	store.Recoveries
	store.Joining
	store.Leaving
	store.Billing
	store.Payments
	store.StripeEvents
	store.Ledger
	store.Messages
	store.Outbox
	store.Retries
	store.Tasks
	store.Purge
	store.Rekey
	store.PushReader
	store.PushWriter
	store.PushEnder
}

// AllDoors opens every door.
func AllDoors(db store.DB) Store {
	return Store{
		store.Visits(db),
		store.Widgets(db),
		store.Intake(db),
		store.Requests(db),
		store.Inbox(db),
		store.Backlog(db),
		store.Throttles(db),
		store.Complaints(db),
		store.ComplaintDigests(db),
		store.SiteComplaintIntake(db),
		store.SiteComplaintReader(db),
		store.SiteComplaintRegister(db),
		store.SiteComplaintDesk(db),
		store.OwnComplaints(db),
		store.Consents(db),
		store.ReceiptWriter(db),
		store.Visitors(db),
		store.UnfinishedErasures(db),
		store.Sealing(db),
		store.Identity(db),
		store.Accounts(db),
		store.Sites(db),
		store.OpeningHours(db), store.Designs(db),
		store.Plans(db),
		store.Team(db),
		store.Membership(db),
		store.AccountNames(db),
		store.Agency(db),
		store.Reopening(db),
		store.Profile(db),
		store.AuditReader(db),
		store.AuditWriter(db),
		store.Stats(db),
		store.Counts(db),
		store.Parked(db),
		store.Links(db),
		store.Tokens(db),
		store.Logins(db),
		store.Credentials(db),
		store.Registrations(db),
		store.EmailChanges(db),
		store.Recoveries(db),
		store.Joining(db),
		store.Leaving(db),
		store.Billing(db),
		store.Payments(db),
		store.StripeEvents(db),
		store.Ledger(db),
		store.Messages(db),
		store.Outbox(db),
		store.Retries(db),
		store.Tasks(db),
		store.Purge(db),
		store.Rekey(db), store.PushReader(db), store.PushWriter(db), store.PushEnder(db),
	}
}

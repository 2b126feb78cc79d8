package store

// A door is what one part of the product does with the tables. It is opened by a conversion, store.Sites(db), and only
// by the main of what uses it: what a function can call is what its doors have, and no function holds a door with a
// method that its policy in template.yaml does not allow (TestDoorsFitTheirFunctions). What doors share, and every
// transaction that spans several, are methods of client.
type (
	// Visits are written by every beacon.
	Visits struct{ *client }
	// Widgets are sites as the widget's calls find them.
	Widgets struct{ *client }
	// Intake takes a visitor's request, and erases it by its own link.
	Intake struct{ *client }
	// Requests are visitors', one at a time.
	Requests struct{ *client }
	// Inbox lists a site's requests.
	Inbox struct{ *client }
	// Backlog reads what people are told of them, and how many wait.
	Backlog struct{ *client }
	// Visitors is what a business may ask about one visitor, and the receipts of what it did.
	Visitors struct{ *client }
	// UnfinishedErasures were cut off.
	UnfinishedErasures struct{ *client }

	// Stats are a site's days as they are shown.
	Stats struct{ *client }
	// Counts are the same days as they are counted.
	Counts struct{ *client }
	// Parked are records of visits that could not be counted. For an operator.
	Parked struct{ *client }

	// Identity finds who makes a request, and in which account.
	Identity struct{ *client }
	// Accounts reads an account, a person, a site or a subscription by its key.
	Accounts struct{ *client }
	// Plans say what an account may do, and has used.
	Plans struct{ *client }
	// Team reads who works in an account, as its members or for its agency, and who is invited.
	Team struct{ *client }
	// Membership invites, promotes and removes members.
	Membership struct{ *client }
	// AccountNames changes an account's name, wherever it is copied to.
	AccountNames struct{ *client }
	// Agency is what an agency does with its clients: the links between accounts.
	Agency struct{ *client }
	// OpeningHours are a site's.
	OpeningHours struct{ *client }
	// Designs are those of sites' widgets.
	Designs struct{ *client }
	// Sites are an account's.
	Sites struct{ *client }
	// Profile is what people see and change of themselves without their password.
	Profile struct{ *client }
	// Reopening takes the closing of an account back.
	Reopening struct{ *client }
	// AuditWriter adds to the log.
	AuditWriter struct{ *client }
	// AuditReader reads it.
	AuditReader struct{ *client }

	// PushReader lists the devices that show a person notifications.
	PushReader struct{ *client }
	// PushWriter adds one.
	PushWriter struct{ *client }
	// PushEnder takes one away.
	PushEnder struct{ *client }

	// Registrations wait for their address to be confirmed.
	Registrations struct{ *client }
	// Logins begin and end sessions.
	Logins struct{ *client }
	// Credentials are password hashes and second factors.
	Credentials struct{ *client }
	// Tokens are issued and used once.
	Tokens struct{ *client }
	// Links reads what a mailed link stands for.
	Links struct{ *client }
	// EmailChanges are asked for, approved and confirmed.
	EmailChanges struct{ *client }
	// Recoveries take lost second factors away after a wait.
	Recoveries struct{ *client }
	// Joining accepts invitations.
	Joining struct{ *client }
	// Leaving deletes a login and closes accounts.
	Leaving struct{ *client }
	// Purge removes what is past its grace.
	Purge struct{ *client }

	// Billing stores what Stripe says of a subscription.
	Billing struct{ *client }
	// StripeEvents stores it as the effect of an event, once.
	StripeEvents struct{ *client }
	// Payments begins what leads to a payment.
	Payments struct{ *client }
	// Ledger lists all subscriptions, and all accounts that are being closed.
	Ledger struct{ *client }

	// Messages reads what is to be sent.
	Messages struct{ *client }
	// Outbox keeps what became of it.
	Outbox struct{ *client }
	// Retries brings messages back when their time has come.
	Retries struct{ *client }

	// Tasks are what is due.
	Tasks struct{ *client }

	// Consents are answers to the cookie notice.
	Consents struct{ *client }
	// ReceiptWriter adds a signed receipt.
	ReceiptWriter struct{ *client }
	// Sealing closes the days of receipts.
	Sealing struct{ *client }
	// Complaints are made and confirmed.
	Complaints struct{ *client }
	// SiteComplaintIntake takes a visitor's complaint to a business.
	SiteComplaintIntake struct{ *client }
	// SiteComplaintReader reads one.
	SiteComplaintReader struct{ *client }
	// SiteComplaintRegister lists an account's.
	SiteComplaintRegister struct{ *client }
	// SiteComplaintDesk is where a business works through them.
	SiteComplaintDesk struct{ *client }
	// OwnComplaints are those about us, answered. For an operator.
	OwnComplaints struct{ *client }
	// ComplaintDigests are what the operator is told of them.
	ComplaintDigests struct{ *client }

	// Throttles count uses of budgets.
	Throttles struct{ *client }
	// Rekey makes again what an old version of the token key has made. For an operator.
	Rekey struct{ *client }
)

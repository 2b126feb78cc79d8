// Function deliver sends what the outbox holds.
package main

import (
	"fmt"
	netmail "net/mail"
	"os"
	"time"
	_ "time/tzdata" // the runtime has no time zones

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/mail"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
	"github.com/mi-telecom/mi-connect/shared/webpush"
)

func main() {
	sender, err := mail.Open(os.Getenv("MAIL_URL"), os.Getenv("MAIL_FROM"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	from, err := netmail.ParseAddress(os.Getenv("MAIL_FROM"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "MAIL_FROM:", err)
		os.Exit(1)
	}
	push, err := webpush.OpenKeys(secret.Keep("PUSH_KEY"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "PUSH_KEY:", err)
		os.Exit(1)
	}
	services := webpush.Browsers.And(os.Getenv("PUSH_SERVICES"))
	d := &deliver{
		store: open(store.FromEnvironment()), links: token.MustLinks(secret.Keep("TOKEN_KEY")), sender: sender,
		origin: os.Getenv("ORIGIN"), privacy: os.Getenv("PRIVACY_EMAIL"), organizer: from.Address,
		push: webpush.NewSender(push, services, "mailto:"+os.Getenv("PRIVACY_EMAIL")),
		log:  web.Logger(os.Stdout), clock: time.Now,
	}
	lambda.Start(lambdahttp.Records(d.batch))
}

// doors are what this function may do with the tables.
type doors struct {
	store.ComplaintDigests
	store.Accounts
	store.Plans
	store.Team
	store.Links
	store.Messages
	store.Outbox
	store.Backlog
	store.SiteComplaintReader
	store.OpeningHours
	store.PushReader
	store.PushEnder
}

func open(db store.DB) doors {
	return doors{
		store.ComplaintDigests(db), store.Accounts(db), store.Plans(db), store.Team(db), store.Links(db),
		store.Messages(db), store.Outbox(db), store.Backlog(db), store.SiteComplaintReader(db),
		store.OpeningHours(db), store.PushReader(db), store.PushEnder(db),
	}
}

// Function visitors answers a business about one visitor, named by phone number or email: what is kept,
// its erasure, and their complaints. It alone of the functions behind a login may delete visitors' requests.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	links := token.MustLinks(secret.Keep("TOKEN_KEY"))
	cdn := web.NewCDN(os.Getenv("CDN_KEY"))
	lambdahttp.Serve(
		app(
			web.Logger(os.Stdout), store.FromEnvironment(), links, receipt.FromEnvironment(), os.Getenv("ORIGIN"), cdn, time.Now,
		).OnlyThrough(cdn),
	)
}

func app(
	log *slog.Logger, db store.DB, links token.Links, book *receipt.Book, origin string, cdn web.CDN,
	clock func() time.Time,
) *web.App {
	a := web.New(log, clock, store.Identity(db).Identify).Behind(cdn)
	h := &handlers{
		store: doors{
			store.ReceiptWriter(db), store.Visitors(db), store.Accounts(db), store.AuditWriter(db),
			store.Inbox(db), store.SiteComplaintReader(db), store.SiteComplaintRegister(db), store.SiteComplaintDesk(db),
			store.Throttles(db),
		},
		links: links, book: book, origin: origin,
	}
	h.routes(a)
	return a
}

// doors are what this function may do with the tables.
type doors struct {
	store.ReceiptWriter
	store.Visitors
	store.Accounts
	store.AuditWriter
	store.Inbox
	store.SiteComplaintReader
	store.SiteComplaintRegister
	store.SiteComplaintDesk
	store.Throttles
}

type handlers struct {
	store doors
	links token.Links
	book  *receipt.Book

	origin string // of our own pages
}

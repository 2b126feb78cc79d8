// Function consent serves the published policy, keeps receipts of answers to its notice, and takes
// complaints about privacy. Everything here is public and stores no address and no user agent.
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
		app(web.Logger(os.Stdout), store.FromEnvironment(), links, receipt.FromEnvironment(), cdn, time.Now).OnlyThrough(cdn),
	)
}

func app(
	log *slog.Logger, db store.DB, links token.Links, book *receipt.Book, cdn web.CDN, clock func() time.Time,
) *web.App {
	a := web.New(log, clock, nil).Behind(cdn)
	h := &handlers{
		store: doors{
			store.Throttles(db), store.Complaints(db), store.Consents(db), store.ReceiptWriter(db),
		},
		links: links, book: book,
	}
	h.routes(a)
	return a
}

// doors are what this function may do with the tables.
type doors struct {
	store.Throttles
	store.Complaints
	store.Consents
	store.ReceiptWriter
}

type handlers struct {
	store doors
	links token.Links
	book  *receipt.Book
}

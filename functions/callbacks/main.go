// Function callbacks serves the widget: its configuration, a visitor's request to be called, and the
// visitor's own link to that request.
package main

import (
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // the runtime has no time zones

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
	a := web.New(log, clock, nil).Behind(cdn)
	h := &handlers{
		store: doors{
			store.Widgets(db), store.Intake(db), store.Requests(db), store.OpeningHours(db), store.Designs(db),
			store.Throttles(db), store.SiteComplaintIntake(db), store.SiteComplaintReader(db),
		},
		links: links, book: book, origin: origin,
	}
	h.routes(a)
	return a
}

// doors are what this function may do with the tables.
type doors struct {
	store.Widgets
	store.Intake
	store.Requests
	store.OpeningHours
	store.Designs
	store.Throttles
	store.SiteComplaintIntake
	store.SiteComplaintReader
}

type handlers struct {
	store  doors
	links  token.Links
	book   *receipt.Book
	origin string // of our own pages
}

// Function events takes the widget's beacons.
package main

import (
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // the runtime has no time zones

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	cdn := web.NewCDN(os.Getenv("CDN_KEY"))
	lambdahttp.Serve(app(web.Logger(os.Stdout), store.FromEnvironment(), cdn, time.Now).OnlyThrough(cdn))
}

func app(log *slog.Logger, db store.DB, cdn web.CDN, clock func() time.Time) *web.App {
	a := web.New(log, clock, nil).Behind(cdn)
	b := &beacons{visits: store.Visits(db), sites: newSiteCache(store.Widgets(db))}
	a.Public("POST /v1/events", b.take)
	return a
}

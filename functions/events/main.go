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
	lambdahttp.Serve(app(web.Logger(os.Stdout), store.FromEnvironment(), time.Now).OnlyThrough(web.NewCDN(os.Getenv("CDN_KEY"))))
}

func app(log *slog.Logger, s *store.Store, clock func() time.Time) *web.App {
	a := web.New(log, clock, nil)
	a.Public("POST /v1/events", (&beacons{store: s, sites: newSiteCache(s)}).take)
	return a
}

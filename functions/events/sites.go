package main

import (
	"context"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

const (
	cacheFor = time.Minute
	cacheMax = 2048 // entries; keys come from outside and must not fill the memory
)

// siteCache keeps sites for a minute, so that most beacons cost one write and no read. Unknown keys are
// kept too: a page with an old snippet keeps sending.
type siteCache struct {
	widgets store.Widgets
	mu      sync.Mutex
	sites   map[connect.SiteKey]cachedSite
}

type cachedSite struct {
	site  *connect.Site // nil for an unknown key
	zone  *time.Location
	until time.Time
}

func newSiteCache(w store.Widgets) *siteCache {
	return &siteCache{widgets: w, sites: map[connect.SiteKey]cachedSite{}}
}

// find returns a site and its time zone, nil for a key of no site and for one whose account is closed.
func (c *siteCache) find(
	ctx context.Context, key connect.SiteKey, now time.Time,
) (*connect.Site, *time.Location, error) {
	if !connect.ValidID("k_", string(key)) {
		return nil, nil, nil
	}
	c.mu.Lock()
	found, ok := c.sites[key]
	c.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.site, found.zone, nil
	}
	site, err := c.widgets.SiteByKey(ctx, key)
	if err != nil && connect.KindOf(err) != connect.NotFound {
		return nil, nil, err
	}
	zone := time.UTC
	if site != nil {
		if zone, err = time.LoadLocation(site.TimeZone); err != nil {
			return nil, nil, err
		}
	}
	if site != nil {
		closed, err := c.widgets.IsAccountClosed(ctx, site.Account)
		if err != nil {
			return nil, nil, err
		}
		if closed { // takes nobody's data any more
			site = nil
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sites) >= cacheMax {
		clear(c.sites)
	}
	c.sites[key] = cachedSite{site, zone, now.Add(cacheFor)}
	return site, zone, nil
}

package store

import (
	"errors"
	"slices"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// run is an erasure that takes more than one transaction.
type run struct {
	site   connect.SiteID
	v      Visitor
	at     place
	since  time.Time // when it began, or took up what had come in meanwhile
	count  int
	stored bool
	name   string // its key: the digest that it began with
	event  connect.AuditEntry
	words  string // what the log's entry is about, before the count
}

// entry is the log's entry for a number of requests.
func (r *run) entry(count int, now time.Time) connect.AuditEntry {
	e := r.event
	e.At, e.Target = now, connect.DescribeErasure(r.words, count)
	return e
}

func (r *run) item() item {
	return item{
		"pk": str(pkErasing), "sk": str(visitorKey(r.site, r.name)), "site": str(string(r.site)), "via": str(string(r.v.Via)),
		"keys":  strs(r.v.Digests),
		"count": num(int64(r.count)), "at": str(r.at.String()), "since": when(r.since),
		"expiresAt": epoch(r.since.Add(connect.ErasureLife)),
		"account":   str(string(r.event.Account)), "actor": str(string(r.event.Actor)), "actorName": str(r.event.ActorName),
		"target": str(r.words),
		"place":  str(r.event.Client.Location), "device": str(r.event.Client.Browser), "plan": str(string(r.event.Plan)),
	}
}

// runOf reads a run. v names the visitor under the versions of today, where somebody asks.
func runOf(i item, v Visitor) (*run, error) {
	at, ok := parsePlace(text(i, "at"))
	if !ok {
		return nil, errors.New("store: an erasure without its place")
	}
	site := connect.SiteID(text(i, "site"))
	r := &run{
		site: site, v: v, at: at, since: moment(i, "since"), count: int(integer(i, "count")), stored: true,
		words: text(i, "target"),
		name:  text(i, "sk")[len(visitorKey(site, "")):],
		event: connect.AuditEntry{
			Account: connect.AccountID(text(i, "account")), Action: connect.VisitorErased,
			Actor: connect.UserID(text(i, "actor")), ActorName: text(i, "actorName"),
			Client: connect.ClientInfo{Location: text(i, "place"), Browser: text(i, "device")},
			Plan:   connect.PlanID(text(i, "plan")),
		},
	}
	if len(v.Digests) == 0 {
		r.v = Visitor{connect.Via(text(i, "via")), list(i, "keys")}
	} else {
		// A version that was dropped meanwhile stays good for what it found.
		for _, d := range list(i, "keys") {
			if !slices.Contains(r.v.Digests, d) {
				r.v.Digests = append(slices.Clip(r.v.Digests), d)
			}
		}
	}
	return r, nil
}

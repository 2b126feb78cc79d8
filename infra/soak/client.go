package main

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/drive"
)

func itoa(n int) string { return strconv.Itoa(n) }

// newClient sends requests from a network of its own: each visitor has a budget by theirs.
func newClient(origin string, n int, t *times) *drive.Client {
	from := &net.TCPAddr{IP: net.IPv4(127, byte(1+n%250), byte(n/250), 1)}
	// Every address of 127/8 is this machine's; where it is not (macOS), all come from the usual one.
	if l, err := net.ListenTCP("tcp", from); err == nil {
		l.Close()
	} else {
		from = nil
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	if from != nil {
		dialer.LocalAddr = from
	}
	return &drive.Client{Origin: strings.Replace(origin, "localhost", "127.0.0.1", 1), Seen: t.add, HTTP: http.Client{
		Timeout: 35 * time.Second,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxIdleConnsPerHost: 2, IdleConnTimeout: 10 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// times are how long requests took, and what they were answered.
type times struct {
	mu       sync.Mutex
	took     map[string][]time.Duration
	statuses map[string]int
}

func (t *times) add(kind string, took time.Duration, status int) {
	if kind == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took[kind] = append(t.took[kind], took)
	t.statuses[itoa(status)]++
}

// quantile is for a list in order.
func quantile(list []time.Duration, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	return list[min(len(list)-1, int(q*float64(len(list))))]
}

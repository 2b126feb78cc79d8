package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/drive"
)

// compare waits until what is stored is what was acknowledged, and returns what is not.
func (w *world) compare(ctx context.Context, settle time.Duration) (out []string) {
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	same := 0
	for ctx.Err() == nil {
		if out = w.differences(ctx); len(out) == 0 {
			// What comes late must not make it differ again.
			if same++; same == 3 {
				return nil
			}
		} else {
			same = 0
			// Requeue runs each minute; here nobody waits for that.
			_ = w.clients[0].Until(
				ctx, drive.Call{Method: "POST", Path: "/_local/invoke/RequeueFunction", Text: "{}", Done: []int{200}}, nil,
			)
		}
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
		}
	}
	return out
}

func (w *world) differences(ctx context.Context) (out []string) {
	for _, s := range w.sites {
		out = append(out, w.visits(ctx, s)...)
		out = append(out, w.inbox(ctx, s)...)
	}
	out = append(out, w.letters(ctx)...)
	return append(out, w.payments(ctx)...)
}

func (w *world) visits(ctx context.Context, s *site) []string {
	var got struct{ Totals count }
	err := s.account.client.Until(
		ctx, drive.Call{Method: "GET", Path: "/v1/sites/" + s.id + "/stats", Done: []int{200}}, &got,
	)
	s.mu.Lock()
	defer s.mu.Unlock()
	unknown := 0 // visits of which something was never acknowledged
	for _, v := range s.visits {
		if v.busy {
			unknown++
		}
	}
	if err != nil || got.Totals != s.count {
		return []string{
			fmt.Sprintf("%s: visits acknowledged %v, stored %v, %d not known (%v)", s.id, s.count, got.Totals, unknown, err),
		}
	}
	return nil
}

func (w *world) inbox(ctx context.Context, s *site) (out []string) {
	stored := map[string]string{}
	for cursor := ""; ; {
		var page struct {
			Items []struct{ ID, Status string }
			Next  string
		}
		path := "/v1/sites/" + s.id + "/callbacks"
		if cursor != "" {
			path += "?cursor=" + url.QueryEscape(cursor)
		}
		if err := s.account.client.Until(ctx, drive.Call{Method: "GET", Path: path, Done: []int{200}}, &page); err != nil {
			return []string{fmt.Sprintf("%s: the inbox: %v", s.id, err)}
		}
		for _, item := range page.Items {
			stored[item.ID] = item.Status
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, q := range s.requests {
		if stored[id] != q.status && !q.busy {
			out = append(out, fmt.Sprintf("%s: request %s is %q, acknowledged %q", s.id, id, stored[id], q.status))
		}
	}
	for id := range stored {
		if s.requests[id] == nil {
			out = append(out, fmt.Sprintf("%s: request %s was never acknowledged", s.id, id))
		}
	}
	return out
}

// letters are the mails that were promised. One may come twice: a service that took it and did not say so.
func (w *world) letters(ctx context.Context) (out []string) {
	w.mu.Lock()
	promised := slices.Clone(w.invited)
	w.mu.Unlock()
	for _, to := range promised {
		if len(w.clients[0].Mails(ctx, to)) == 0 {
			out = append(out, "no mail to "+to)
		}
	}
	return out
}

// payments are Stripe's events, and each account's plan.
func (w *world) payments(ctx context.Context) (out []string) {
	var now control
	if err := w.clients[0].Until(
		ctx, drive.Call{Method: "GET", Path: "/_local/stripe/control", Done: []int{200}}, &now,
	); err != nil {
		return []string{err.Error()}
	}
	for _, e := range now.Events {
		if !e.Delivered {
			out = append(out, "event "+e.ID+" is not taken")
		}
	}
	for _, a := range w.accounts {
		var billing struct{ Plan struct{ ID string } }
		if err := a.client.Until(
			ctx, drive.Call{Method: "GET", Path: "/v1/billing", Done: []int{200}}, &billing,
		); err != nil ||
			billing.Plan.ID != "business" {
			out = append(out, fmt.Sprintf("%s: the plan is %q (%v)", a.email, billing.Plan.ID, err))
		}
	}
	return out
}

// report prints what was sent, what went wrong, and what differs.
func (w *world) report(took time.Duration, s *stack, f *faults, differences []string) {
	w.times.mu.Lock()
	defer w.times.mu.Unlock()
	all := 0
	fmt.Printf("\n%-14s %8s %9s %9s %9s\n", "", "requests", "p50", "p99", "longest")
	for _, kind := range slices.Sorted(maps.Keys(w.times.took)) {
		list := w.times.took[kind]
		slices.Sort(list)
		all += len(list)
		fmt.Printf(
			"%-14s %8d %9s %9s %9s\n", kind, len(list), quantile(list, 0.5).Round(time.Millisecond),
			quantile(list, 0.99).Round(time.Millisecond), list[len(list)-1].Round(time.Millisecond),
		)
	}
	fmt.Printf(
		"\nload      %.1f requests a second for %v (repetitions counted)\nanswers   %s\n", float64(all)/took.Seconds(),
		took.Round(time.Second), numbers(w.times.statuses),
	)
	var c count
	requests, erased := 0, 0
	for _, s := range w.sites {
		c.Impressions, c.Opens, c.Submits = c.Impressions+s.count.Impressions, c.Opens+s.count.Opens, c.Submits+
			s.count.Submits
		for _, q := range s.requests {
			requests++
			if q.status == "" {
				erased++
			}
		}
	}
	fmt.Printf(
		"counted   visits %v of %d sites, %d requests to be called (%d erased), %d mails\n", c, len(w.sites), requests,
		erased, len(w.invited),
	)
	fmt.Printf("faults    %s\nrefused   %s\n", numbers(f.seen()), numbers(w.refused))
	peaks := map[string]int{}
	for name, kb := range f.peaks {
		peaks[name] = kb >> 10
	}
	fmt.Printf("memory    MB at most: local run %d; %s\n", f.local>>10, numbers(peaks))
	for _, d := range differences[:min(len(differences), 40)] {
		fmt.Println("DIFFERS   " + d)
	}
	fmt.Printf("soak: %d differences\n", len(differences))
	if len(differences) > 0 {
		fmt.Println(s.output.tail())
	}
}

func numbers(m map[string]int) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fmt.Sprintf("%s %d", name, m[name]))
	}
	return strings.Join(out, ", ")
}

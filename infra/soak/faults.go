package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// faults are what goes wrong while traffic lasts.
type faults struct {
	s *stack

	mu     sync.Mutex
	counts map[string]int
	peaks  map[string]int // of resident memory, KB by function
	local  int            // of the run itself
	left   map[string]int // what the run says it refused, at the end
}

func newFaults(s *stack) *faults {
	return &faults{s: s, counts: map[string]int{}, peaks: map[string]int{}, left: map[string]int{}}
}

// share is how many of a hundred calls of the database are throttled and mails refused.
type share struct {
	Throttle int `json:"throttle"`
	Mail     int `json:"mail"`
}

func (f *faults) on(ctx context.Context) {
	f.set(ctx, "/_local/faults", share{Throttle: 10, Mail: 30})
	f.set(ctx, "/_local/stripe/control", map[string]any{"delayMs": 200, "duplicate": 1})
}

func (f *faults) off(ctx context.Context) {
	f.left = f.set(ctx, "/_local/faults", share{})
	f.set(ctx, "/_local/stripe/control", map[string]any{})
}

// set asks the run for something, and gives the numbers in its answer.
func (f *faults) set(ctx context.Context, path string, v any) map[string]int {
	text, _ := json.Marshal(v)
	out := map[string]int{}
	for range 20 {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.s.origin+path, bytes.NewReader(text))
		if err != nil {
			return out
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		_ = json.NewDecoder(answer.Body).Decode(&out)
		answer.Body.Close()
		break
	}
	return out
}

// run kills a function every five seconds and the database every minute (the first after half of one).
func (f *faults) run(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		running := f.s.functions()
		f.measure(running)
		if len(running) > 0 {
			one := running[rand.IntN(len(running))]
			if syscall.Kill(one.pid, syscall.SIGKILL) == nil {
				f.count("killed " + one.name)
			}
		}
		if pid := f.s.database(); n%12 == 6 && pid > 0 && syscall.Kill(pid, syscall.SIGKILL) == nil {
			f.count("database killed")
		}
	}
}

func (f *faults) count(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[what]++
}

func (f *faults) measure(running []process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range running {
		f.peaks[p.name] = max(f.peaks[p.name], p.peak)
	}
	f.local = max(f.local, field("/proc/"+itoa(f.s.cmd.Process.Pid), "VmHWM"))
}

// seen is everything that went wrong, by name.
func (f *faults) seen() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := maps.Clone(f.counts)
	out["database calls throttled"] = f.left["throttled"]
	out["mails refused"] = f.left["mails"]
	return out
}

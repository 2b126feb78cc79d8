// Package lambda runs a function's bootstrap as AWS Lambda does: through the Runtime API, one event at
// a time per instance, with as many instances as the load asks for.
package lambda

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// MaxPayload is Lambda's limit for an event and for an answer.
const MaxPayload = 6 << 20

// ErrTooLarge says that an event is over MaxPayload.
var ErrTooLarge = errors.New("the event is larger than Lambda's 6 MB")

// FunctionError is what a function answered, or did, instead of a result.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
	// TimedOut says that the function was ended after its Timeout.
	TimedOut bool `json:"-"`
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Config is one function and what it runs with.
type Config struct {
	Function template.Function
	Binary   string            // the bootstrap
	Env      map[string]string // on top of Lambda's own and the function's
	Max      int               // instances at most
	Account  *Limit            // shared by all functions; nil for none
	Logs     *Logs
	Say      func(string) // for the terminal
}

// Pool holds a function's instances.
type Pool struct {
	Config
	own *Limit // ReservedConcurrentExecutions

	mu        sync.Mutex
	queue     []*invocation // not yet with an instance
	idle      []*instance   // waiting in /next, the one used last at the end
	instances map[*instance]bool
	starting  int
	stopped   bool
	empty     chan struct{} // closed when stopped and nothing runs
}

// invocation is one event on its way.
type invocation struct {
	id      string
	payload []byte
	done    chan outcome // buffered: whoever is first answers
	taken   bool         // an instance has read it
	limit   *time.Timer  // ends the instance at the function's Timeout; set with taken
}

type outcome struct {
	payload []byte
	err     error
}

func (i *invocation) finish(payload []byte, err error) {
	select {
	case i.done <- outcome{payload, err}:
	default:
	}
}

// New gives a pool with no instance; the first event starts one.
func New(c Config) *Pool {
	c.Max = max(c.Max, 1)
	return &Pool{
		Config: c, own: NewLimit(c.Function.Reserved), instances: map[*instance]bool{}, empty: make(chan struct{}),
	}
}

// ARN names the function to itself.
func (p *Pool) ARN() string {
	return "arn:aws:lambda:" + template.Region + ":" + template.AccountID + ":function:" + p.Function.Name
}

// Invoke gives the function one event and waits for its answer. The error is a *FunctionError when the
// function failed, timed out or did not start, and ErrTooLarge for an event that no function would get.
func (p *Pool) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return nil, ErrTooLarge
	}
	if !p.Account.take() {
		return nil, ErrThrottled
	}
	defer p.Account.give()
	if !p.own.take() {
		return nil, ErrThrottled
	}
	defer p.own.give()
	inv := &invocation{id: newID(), payload: payload, done: make(chan outcome, 1)}
	p.mu.Lock()
	if p.stopped {
		p.mu.Unlock()
		return nil, context.Canceled
	}
	p.queue = append(p.queue, inv)
	p.pump()
	p.mu.Unlock()
	select {
	case out := <-inv.done:
		var failed *FunctionError
		if errors.As(out.err, &failed) {
			p.Say(p.Function.ID + ": " + failed.Error())
		}
		return out.payload, out.err
	case <-ctx.Done():
		p.mu.Lock()
		p.queue = slices.DeleteFunc(p.queue, func(i *invocation) bool { return i == inv })
		p.mu.Unlock()
		return nil, ctx.Err()
	}
}

// Running tells how many instances there are.
func (p *Pool) Running() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.instances)
}

// pump hands waiting events to idle instances and starts as many as are missing. p.mu is held.
func (p *Pool) pump() {
	for len(p.queue) > 0 && len(p.idle) > 0 {
		in := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if in.outdated() {
			in.end("a newer binary was built")
			continue
		}
		inv := p.queue[0]
		p.queue = p.queue[1:]
		in.current = inv
		in.work <- inv
	}
	coming := p.starting
	for in := range p.instances {
		// It has answered and is about to ask for its next event.
		if in.started && in.current == nil && !slices.Contains(p.idle, in) {
			coming++
		}
	}
	for ; len(p.queue) > coming && len(p.instances) < p.Max && !p.stopped; coming++ {
		in := &instance{pool: p, work: make(chan *invocation, 1), gone: make(chan struct{}), built: modified(p.Binary)}
		p.instances[in] = true
		p.starting++
		go in.run()
	}
}

// ready takes an instance that asks for its next event.
func (p *Pool) ready(in *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.instances[in] || slices.Contains(p.idle, in) {
		return
	}
	if !in.started {
		in.started = true
		p.starting--
	}
	if inv := in.current; inv != nil && inv.taken {
		inv.finish(nil, &FunctionError{
			Type: "Runtime.NoResponse", Message: "the function asked for the next event without answering this one",
		})
		in.current = nil
	}
	if in.current == nil {
		if p.stopped {
			in.end("stopping")
			return
		}
		p.idle = append(p.idle, in)
	}
	p.pump()
}

// lost takes note that an instance ended, and why.
func (p *Pool) lost(in *instance, why *FunctionError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.instances, in)
	p.idle = slices.DeleteFunc(p.idle, func(i *instance) bool { return i == in })
	switch inv := in.current; {
	case !in.started:
		p.starting--
		// One start was made for one waiting event: that one hears of it.
		if len(p.queue) > 0 {
			p.queue[0].finish(nil, why)
			p.queue = p.queue[1:]
		} else if !p.stopped {
			p.Say(p.Function.ID + ": " + why.Error())
		}
	case inv != nil && !inv.taken:
		p.queue = slices.Insert(p.queue, 0, inv) // it ended while idle; another serves this event
	case inv != nil:
		inv.finish(nil, why)
	}
	in.current = nil
	p.pump()
	p.checkEmpty()
}

func (p *Pool) checkEmpty() {
	if p.stopped && len(p.instances) == 0 {
		select {
		case <-p.empty:
		default:
			close(p.empty)
		}
	}
}

// Stop lets events under way finish until ctx ends, then ends every instance.
func (p *Pool) Stop(ctx context.Context) {
	p.mu.Lock()
	p.stopped = true
	for _, inv := range p.queue {
		inv.finish(nil, context.Canceled)
	}
	p.queue = nil
	for in := range p.instances {
		if in.current == nil {
			in.end("stopping")
		}
	}
	p.checkEmpty()
	p.mu.Unlock()
	select {
	case <-p.empty:
		return
	case <-ctx.Done():
	}
	p.mu.Lock()
	for in := range p.instances {
		in.end("stopping")
	}
	p.mu.Unlock()
	select {
	case <-p.empty:
	case <-time.After(2 * time.Second):
	}
}

// newID is a random UUID, as Lambda's request ids are.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func parseError(body []byte, otherwise string) *FunctionError {
	e := &FunctionError{}
	if json.Unmarshal(body, e) != nil || e.Type == "" && e.Message == "" {
		return &FunctionError{Type: otherwise, Message: string(body[:min(len(body), 500)])}
	}
	return e
}

package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const (
	// lease is how long a task is kept from other runs. It is longer than a run lasts: what a run holds beyond its end
	// was cut off.
	lease = time.Minute
	// reserve is how long before the function's end a run begins nothing more.
	reserve = 10 * time.Second
	// most bounds a run; what is left is older than all else in the next one.
	most = 10_000
)

type tick struct {
	store  store.Tasks
	log    *slog.Logger
	clock  func() time.Time
	kinds  map[connect.TaskKind]kind
	atOnce int // tasks that are done side by side
}

// Summary is what a run returns.
type Summary struct {
	Done    int `json:"done"`
	TooLate int `json:"tooLate"`
	Failed  int `json:"failed"`
}

type result int

const (
	done result = iota
	tooLate
	failed
	taken // by another run
)

// run does all that is due, the oldest first. It may be cut off anywhere, and two may run at once: a task goes last,
// once its step is done, and a step that is repeated changes nothing.
func (t *tick) run(ctx context.Context) (Summary, error) {
	var sum Summary
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, t.atOnce)
	begun := 0
	var unread error
	t.countHolidays(t.clock())
	for task, err := range t.store.DueTasks(ctx, t.clock()) {
		if err != nil {
			unread = err
			break
		}
		if begun == most || t.ending(ctx) {
			break
		}
		begun++
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			r := t.safely(ctx, task)
			mu.Lock()
			defer mu.Unlock()
			switch r {
			case done:
				sum.Done++
			case tooLate:
				sum.TooLate++
			case failed:
				sum.Failed++
			}
		})
	}
	all.Wait()
	if sum != (Summary{}) {
		t.log.Info("ticked", "TasksDone", sum.Done, "TasksTooLate", sum.TooLate, "TasksFailed", sum.Failed,
			web.Metric(t.clock(), "TasksDone", "TasksTooLate", "TasksFailed"))
	}
	if unread == nil && sum.Failed > 0 {
		unread = fmt.Errorf("%d tasks failed: see docs/operations.md, \"What is due\"", sum.Failed)
	}
	return sum, unread
}

func (t *tick) ending(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && time.Until(end) < reserve
}

// safely does one task. One whose step fails, or panics, is tried again when its lease is over, and keeps no other from
// its turn.
func (t *tick) safely(ctx context.Context, task connect.Task) (r result) {
	defer func() {
		if p := recover(); p != nil {
			r = t.fault(task, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	r, err := t.one(ctx, task)
	if err != nil {
		return t.fault(task, err)
	}
	return r
}

func (t *tick) fault(task connect.Task, err error) result {
	t.log.Error("not done", "kind", string(task.Kind), "callback", string(task.Callback), "due", task.At,
		"error", err.Error())
	return failed
}

func (t *tick) one(ctx context.Context, task connect.Task) (result, error) {
	k, ok := t.kinds[task.Kind]
	if !ok { // of a release that was taken back: the next one knows it
		return failed, fmt.Errorf("no such kind of task")
	}
	now := t.clock()
	task, ok, err := t.store.HoldTask(ctx, task, lease, now)
	if err != nil || !ok {
		return taken, err
	}
	how := done
	if now.Sub(task.At) > k.late {
		how = tooLate
		t.log.Warn("too late", "kind", string(task.Kind), "callback", string(task.Callback), "due", task.At)
		k.do = k.tooLate
	}
	if k.do != nil {
		if err := k.do(ctx, task, now); err != nil {
			return failed, err
		}
	}
	return how, t.store.RemoveTask(ctx, task)
}

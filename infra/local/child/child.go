// Package child starts processes that cannot outlive this one, not even when it is killed with -9.
package child

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

var (
	once  sync.Once
	queue = make(chan func())
)

// Start starts cmd so that it ends when this process does. It is in its own process group: Ctrl-C on
// the terminal reaches this process alone, which then lets its children finish.
func Start(cmd *exec.Cmd) error {
	// The kernel ties a child's life to the thread that started it, so one thread that never ends does it.
	once.Do(func() {
		go func() {
			runtime.LockOSThread()
			for f := range queue {
				f()
			}
		}()
	})
	done := make(chan error)
	queue <- func() { done <- start(cmd) }
	return <-done
}

// Kill ends cmd and whatever it started.
func Kill(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// Terminate asks cmd to end.
func Terminate(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
	}
}

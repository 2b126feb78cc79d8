package stack

import (
	"context"
	"fmt"
	"os"
	"strconv"
)

// What commands that run a stack until somebody ends it have in common.

// Number is an environment variable's, or another where it is not set.
func Number(name string, otherwise int) (int, error) {
	text := os.Getenv(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 65534 {
		return 0, fmt.Errorf("%s=%s is not a number from 0 to 65534", name, text)
	}
	return n, nil
}

// Wait returns when ctx has ended and the stack has stopped. Before it stops, it calls release: a second Ctrl-C then
// ends the process at once.
func (s *Stack) Wait(ctx context.Context, release func()) {
	<-ctx.Done()
	release()
	fmt.Fprintln(s.console.out, "\nStopping; what is under way finishes.")
	s.Stop()
}

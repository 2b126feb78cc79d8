package stack

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// listen takes a port on this machine's own addresses only, IPv6's where there is one.
func listen(port int) ([]net.Listener, int, error) {
	four, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, 0, fmt.Errorf(
			"port %d is taken. Stop what uses it, or choose another: PORT=%d make dev (the demo site is one above it)", port,
			port+100,
		)
	}
	if err != nil {
		return nil, 0, err
	}
	port = four.Addr().(*net.TCPAddr).Port
	six, err := net.Listen("tcp6", "[::1]:"+strconv.Itoa(port))
	if errors.Is(err, syscall.EADDRINUSE) {
		four.Close()
		return nil, 0, fmt.Errorf(
			"port %d is taken on ::1. Stop what uses it, or choose another: PORT=%d make dev", port, port+100,
		)
	}
	if err != nil {
		return []net.Listener{four}, port, nil //nolint:nilerr // no IPv6 here
	}
	return []net.Listener{four, six}, port, nil
}

// lock keeps a second run off the same data. The kernel lets go of it however we end.
func lock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		text, _ := os.ReadFile(f.Name())
		f.Close()
		return nil, fmt.Errorf(
			"%s is in use by another run (process %s). Stop it, or choose other data and another port: DATA_DIR=.local2 "+
				"PORT=3100 make dev",
			dir, strings.TrimSpace(string(text)),
		)
	}
	_ = f.Truncate(0)
	_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	return f, nil
}

//go:build !linux

package child

import (
	"os"
	"os/exec"
	"syscall"
)

// watch runs a command beside a reader of descriptor 3, a pipe that only we can write to: it reports
// the end of file when we are gone, however that came about.
const watch = `"$@" & p=$!
(cat <&3 >/dev/null; kill -9 $p 2>/dev/null) & w=$!
trap 'kill -TERM $p 2>/dev/null' TERM
wait $p; s=$?
kill $w 2>/dev/null
exit $s`

func start(cmd *exec.Cmd) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Args = append([]string{"/bin/sh", "-c", watch, "--", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.ExtraFiles = []*os.File{read}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		write.Close()
		read.Close()
		return err
	}
	read.Close()
	alive = append(alive, write)
	return nil
}

// alive keeps the pipes from being collected, which would close them. Only start's thread writes it.
var alive []*os.File

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// cli is SAM CLI with what it always needs.
type cli struct {
	path, root string
	env        []string
	params     map[string]string
	local      []string // arguments of `sam local`
}

func newCLI(path, root, dir string, d *docker, w *world) (*cli, error) {
	tmp := filepath.Join(dir, "tmp") // its locks: one that a killed run left would be waited for
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return nil, err
	}
	variables, err := json.Marshal(map[string]map[string]string{"Parameters": w.variables})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "env.json")
	if err := os.WriteFile(file, variables, 0o600); err != nil {
		return nil, err
	}
	c := &cli{path: path, root: root, params: w.params}
	c.env = append(d.env(), "SAM_CLI_TELEMETRY=0", "SAM_CLI_POLL_DELAY=1", "TMPDIR="+tmp,
		"CGO_ENABLED=0", "GOFLAGS=-tags=lambda.norpc -trimpath -ldflags=-s",
		"AWS_DEFAULT_REGION="+template.Region, "AWS_ACCESS_KEY_ID="+dynamo.AccessKey, "AWS_SECRET_ACCESS_KEY="+dynamo.AccessKey)
	c.local = append([]string{"--skip-pull-image", "--env-vars", file}, c.overrides()...)
	return c, nil
}

// overrides are the template's parameters, as `sam` takes them.
func (c *cli) overrides() []string {
	out := []string{"--parameter-overrides"}
	for name, value := range c.params {
		out = append(out, fmt.Sprintf("ParameterKey=%s,ParameterValue=%s", name, value))
	}
	return out
}

// run gives what SAM CLI writes on its standard output.
func (c *cli) run(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := c.command(ctx, args...)
	var out, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	if err := cmd.Run(); err != nil {
		text := strings.TrimSpace(out.String() + diagnostics.String())
		err = fmt.Errorf("sam %s: %w: %s", args[0], err, text[max(0, len(text)-1500):])
		if ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("%w: %w", errStuck, err)
		}
		return out.Bytes(), err
	}
	return out.Bytes(), nil
}

// shell gives what a script writes on its standard output, run as somebody in the project's folder would.
func (c *cli) shell(ctx context.Context, script string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.Dir, cmd.Env, cmd.WaitDelay = c.root, c.env, 20*time.Second
	var out, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%w: %s", err, diagnostics.String()[max(0, diagnostics.Len()-1200):])
	}
	return out.String(), nil
}

func (c *cli) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.path, args...)
	cmd.Dir, cmd.Env = c.root, c.env
	// It takes its containers away when it is interrupted, not when it is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 20 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// errStuck is a command that had to be ended. SAM CLI waits without limit for Docker to start and remove a container
// and for its emulator's answer, of which it asks but once: on a machine with more to do than it can, that may be for
// ever.
var errStuck = errors.New("did not end by itself")

// invoke gives a function one event from a file. What the function answered counts, whether SAM CLI then ends or not;
// where it did not get that far, it is tried once more.
func (c *cli) invoke(ctx context.Context, function, file string) ([]byte, error) {
	for attempt := 1; ; attempt++ {
		out, err := c.run(ctx, append([]string{"local", "invoke", function, "--event", file}, c.local...)...)
		answer := lastLine(out)
		stuck := errors.Is(err, errStuck) && ctx.Err() == nil
		switch {
		case err == nil && answer == "":
			return nil, errors.New("no answer")
		case err == nil:
			return []byte(answer), nil
		case stuck && json.Valid([]byte(answer)):
			fmt.Printf("      %s answered, and SAM CLI %v\n", function, errStuck)
			return []byte(answer), nil
		case !stuck || attempt == 2:
			return nil, err
		}
		fmt.Printf("      %s: SAM CLI %v; once more\n", function, errStuck)
	}
}

// lastLine is the answer in what SAM CLI writes; an empty one is a function without an answer.
func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

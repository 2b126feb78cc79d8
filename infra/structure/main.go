// Command structure measures how the repository is built, at two commits side by side: `make structure BASE=<commit>`.
// Each figure is counted from the sources of that commit; nothing is typed in.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A measure is one line of the table.
type measure struct{ what, figure string }

func main() {
	base := "HEAD"
	if len(os.Args) > 1 && os.Args[1] != "" {
		base = os.Args[1]
	}
	if err := run(base); err != nil {
		fmt.Fprintln(os.Stderr, "structure:", err)
		os.Exit(1)
	}
}

func run(base string) error {
	root, err := git("", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	name, err := git(root, "rev-parse", "--short", base)
	if err != nil {
		return fmt.Errorf("no commit %q: %w", base, err)
	}
	folder, err := os.MkdirTemp("", "structure")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	before := filepath.Join(folder, "before")
	if _, err := git(root, "worktree", "add", "--detach", before, base); err != nil {
		return err
	}
	defer func() { _, _ = git(root, "worktree", "remove", "--force", before) }()
	old, err := all(before)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	now, err := all(root)
	if err != nil {
		return err
	}
	figures := map[string]string{}
	for _, m := range old {
		figures[m.what] = m.figure
	}
	fmt.Printf("| What | %s | here |\n|---|---|---|\n", name)
	for _, m := range now {
		was, ok := figures[m.what]
		if !ok {
			was = "not there"
		}
		fmt.Printf("| %s | %s | %s |\n", m.what, was, m.figure)
	}
	return nil
}

// all are the measures of one tree.
func all(root string) ([]measure, error) {
	out, err := sources(root)
	if err != nil {
		return nil, err
	}
	calls, err := graph(root)
	if err != nil {
		return nil, err
	}
	sizes, err := binaries(root)
	return append(append(out, calls...), sizes...), err
}

func git(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(string(e.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}

// binaries builds each function as the Makefile does and weighs it.
func binaries(root string) (out []measure, err error) {
	mains, err := filepath.Glob(filepath.Join(root, "functions/*/main.go"))
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "structure")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	for _, path := range mains {
		name := filepath.Base(filepath.Dir(path))
		to := filepath.Join(folder, name)
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc",
			"-ldflags", "-s -w", "-o", to, "./functions/"+name)
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
		if said, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("functions/%s: %w: %s", name, err, said)
		}
		info, err := os.Stat(to)
		if err != nil {
			return nil, err
		}
		out = append(out, measure{"binary of `" + name + "`, arm64, MB", fmt.Sprintf("%.2f", float64(info.Size())/1e6)})
	}
	return out, nil
}

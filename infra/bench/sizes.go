package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// goFlags are those of the Makefile.
var goFlags = []string{"-tags", "lambda.norpc", "-trimpath", "-ldflags=-s -w"}

func (b *bench) compile(ctx context.Context, pkg, out, arch string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"build"}, goFlags...), "-o", out, pkg)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if arch != "" {
		cmd.Env = append(cmd.Env, "GOOS=linux", "GOARCH="+arch)
	}
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w: %.500s", pkg, err, text)
	}
	return nil
}

// sizes builds every function for both architectures.
func (b *bench) sizes(ctx context.Context) error {
	folders, err := filepath.Glob("functions/*/main.go")
	if err != nil {
		return err
	}
	var others []row
	for _, main := range folders {
		name := filepath.Base(filepath.Dir(main))
		var mb [2]float64
		for i, arch := range []string{"arm64", "amd64"} {
			out := filepath.Join(b.dir, name+"-"+arch)
			if err := b.compile(ctx, "./functions/"+name, out, arch); err != nil {
				return err
			}
			info, err := os.Stat(out)
			if err != nil {
				return err
			}
			mb[i] = float64(info.Size()) / 1e6
		}
		r := row{"… `" + name + "`", fmt.Sprintf("%.2f MB (amd64 %.2f MB)", mb[0], mb[1]), "", note}
		if name == "events" {
			b.table.add(row{"`events` bootstrap, arm64", r.figure, "9 MB", within(mb[0] <= 9)})
			continue
		}
		others = append(others, r)
	}
	for _, r := range others {
		b.table.add(r)
	}
	return nil
}

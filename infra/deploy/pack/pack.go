// Package pack builds what is uploaded so that the same commit gives the same bytes on every machine: only then
// does a second deployment change nothing, and can somebody check that what runs is what they read.
package pack

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Function is one function, built and zipped.
type Function struct {
	Name string // its folder under functions/
	Zip  []byte
}

// CodeSha256 is the digest as Lambda shows it.
func (f Function) CodeSha256() string {
	sum := sha256.Sum256(f.Zip)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Key is where the zip is stored. It is named for its content, so that only changed code changes the template.
func (f Function) Key() string {
	sum := sha256.Sum256(f.Zip)
	return "functions/" + f.Name + "/" + hex.EncodeToString(sum[:]) + ".zip"
}

// goarch names Lambda's architectures as Go does.
var goarch = map[string]string{"arm64": "arm64", "x86_64": "amd64"}

// Functions builds every folder of root/functions for Lambda's architecture (arm64 or x86_64), in order of their names.
func Functions(ctx context.Context, root, architecture string) ([]Function, error) {
	arch, ok := goarch[architecture]
	if !ok {
		return nil, fmt.Errorf("architecture %q is neither arm64 nor x86_64", architecture)
	}
	out, err := os.MkdirTemp("", "mi-connect-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out)
	// -buildvcs=false: otherwise a binary holds the commit, and a change elsewhere would deploy every function.
	build := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid=", "-o", out+string(filepath.Separator), "./functions/...")
	build.Dir = root
	build.Env = append(
		build.Environ(), "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0",
	)
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build ./functions/...: %w\n%s", err, bytes.TrimSpace(text))
	}
	built, err := os.ReadDir(out)
	if err != nil {
		return nil, err
	}
	var all []Function
	for _, b := range built {
		binary, err := os.ReadFile(filepath.Join(out, b.Name()))
		if err != nil {
			return nil, err
		}
		zipped, err := Zip(binary)
		if err != nil {
			return nil, err
		}
		all = append(all, Function{b.Name(), zipped})
	}
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// epoch is the first date a zip can hold.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Zip packs a binary as Lambda's bootstrap, with nothing of this machine in it: no date, no owner, no umask.
func Zip(binary []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: epoch}
	header.SetMode(0o755)
	w, err := z.CreateHeader(header)
	if err == nil {
		_, err = w.Write(binary)
	}
	if err == nil {
		err = z.Close()
	}
	return out.Bytes(), err
}

// Write puts zips into a folder.
func Write(folder string, functions []Function) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, f := range functions {
		if err := os.WriteFile(filepath.Join(folder, f.Name+".zip"), f.Zip, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Read returns the zips of a folder.
func Read(folder string) ([]Function, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.zip"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no function is in %s", folder)
	}
	var all []Function
	for _, file := range files {
		zipped, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, Function{strings.TrimSuffix(filepath.Base(file), ".zip"), zipped})
	}
	return all, nil
}

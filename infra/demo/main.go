// Command demo runs Mi Connect as `make dev` does, on a data folder of its own, for an account that has lived: an
// agency with its people, three clients, a year of visits and the requests of the last months. It prints a link that
// logs in. `make demo` runs it (PORT, DEMO_DIR); what is done there stays until the folder is removed.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/drive"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "\nThe demo did not start: %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	port, err := stack.Number("PORT", 3000)
	if err != nil {
		return err
	}
	dir := flag.String("data", cmp.Or(os.Getenv("DEMO_DIR"), ".demo"), "where its data is kept")
	only := flag.Bool("fill", false, "end when the account is there")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	// Filled elsewhere and moved into place: a folder that is there is whole.
	if _, err := os.Stat(*dir); os.IsNotExist(err) {
		if err := fill(ctx, *dir, port); err != nil {
			return err
		}
	}
	if *only {
		return nil
	}
	s, err := stack.Start(ctx, stack.Options{Root: ".", DataDir: *dir, Port: port, Out: os.Stdout})
	if err != nil {
		return err
	}
	s.Report(os.Stdout)
	link, err := login(ctx, &drive.Client{Origin: s.Origin})
	if err != nil {
		s.Stop()
		return err
	}
	fmt.Printf("  %-11s %s\n  %-11s %s with the password: %s\n\n", "Log in", link, "", owner.Email, owner.Password)
	s.Wait(ctx, stop)
	return nil
}

// fill makes the account in a folder beside dir.
func fill(ctx context.Context, dir string, port int) error {
	began := time.Now()
	fmt.Println("Making an account that has lived (some ten seconds, once)")
	half := filepath.Clean(dir) + ".new"
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	// The same port: links in mails and the address of payments are stored.
	s, err := stack.Start(ctx, stack.Options{Root: ".", DataDir: half, Port: port, MaxInstances: 2, Out: os.Stdout})
	if err != nil {
		return err
	}
	w := &world{stack: s, ada: &drive.Client{Origin: s.Origin}, now: time.Now()}
	err = w.live(ctx)
	s.Stop()
	if err != nil {
		return err
	}
	fmt.Printf("%s, in %.0f s\n", w.made, time.Since(began).Seconds())
	return os.Rename(half, dir)
}

// login mails a link and reads it in the mail box: it works once, and goes with its hour.
func login(ctx context.Context, c *drive.Client) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	const page = "/login/link"
	seen := len(c.Links(ctx, owner.Email, page))
	if err := c.Post(ctx, "/v1/login/link", map[string]string{"email": owner.Email}, 202, nil); err != nil {
		return "", err
	}
	link, err := c.NextLink(ctx, owner.Email, page, seen)
	if err != nil {
		return "", err
	}
	return link.String(), nil
}

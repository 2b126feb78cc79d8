package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	samples "github.com/mi-telecom/mi-connect/events-samples"
)

// place is where `make sam-local` keeps what its lines name. It is relative: so are the lines.
const place = ".build/sam"

// linesAlone is what -only takes to try nothing but the lines.
const linesAlone = "by-hand"

// byHand are the lines that somebody types into a shell in the project's folder: the first sets what the others need.
type byHand struct{ set, invoke, api, ask string }

// lines writes the file that the lines take their options from.
func (c *cli) lines(dir, tool string, d *docker) (byHand, error) {
	var overrides []string
	for name, value := range c.params {
		overrides = append(overrides, fmt.Sprintf(`ParameterKey=%s,ParameterValue='%s'`, name, value))
	}
	var text strings.Builder
	fmt.Fprintln(&text, "version = 0.1")
	for _, command := range []string{"local_invoke", "local_start_api"} {
		fmt.Fprintf(&text, "\n[default.%s.parameters]\nenv_vars = %q\nparameter_overrides = %q\nskip_pull_image = true\n",
			command, filepath.Join(dir, "env.json"), strings.Join(overrides, " "))
	}
	config := filepath.Join(dir, "samconfig.toml")
	if err := os.WriteFile(config, []byte(text.String()), 0o600); err != nil {
		return byHand{}, err
	}
	set := "export SAM_CLI_TELEMETRY=0"
	if d.host != "" {
		set += " DOCKER_HOST='" + d.host + "'"
	}
	sam := func(command string) string {
		return fmt.Sprintf("'%s' local %s --config-file '%s'", tool, command, config)
	}
	return byHand{
		set:    set,
		invoke: sam("invoke") + " LoginFunction -e events-samples/login/register.json",
		api:    sam("start-api") + " --port 3000 --warm-containers LAZY",
		ask: `curl -i http://127.0.0.1:3000/v1/register -H 'content-type: application/json' ` +
			`-d '{"email":"ada@example.com","password":"a long enough password","name":"Ada","company":"Example"}'`,
	}, nil
}

// local starts what functions in containers need, builds them for this machine, says what to type, and stays.
func local(ctx context.Context, root, tool string, d *docker) error {
	dir := filepath.Join(root, place)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	w, err := newWorld(ctx, root, dir, d)
	if err != nil {
		return err
	}
	defer w.stop()
	if err := samples.Prepare(ctx, w.store()); err != nil {
		return fmt.Errorf("what the samples need: %w", err)
	}
	c, err := newCLI(tool, root, dir, d, w)
	if err != nil {
		return err
	}
	fmt.Println("Building the functions for this machine (sam build)")
	if _, err := c.run(ctx, append([]string{"build"}, c.overrides()...)...); err != nil {
		return err
	}
	l, err := c.lines(dir, tool, d)
	if err != nil {
		return err
	}
	fmt.Printf("\nThe database, a mail box and the stand-in for Stripe run. In another shell, in this folder:\n\n  %s\n\n"+
		"One event, of events-samples or your own:\n\n  %s\n\nThe API:\n\n  %s\n  %s\n\n"+
		"Every function has its tables and keys; streams and schedules call nothing here. After a change: make sam-local "+
		"again.\nStop with Ctrl-C.\n",
		l.set, l.invoke, l.api, l.ask)
	<-ctx.Done()
	return nil
}

// tryLines types what `make sam-local` prints into a shell.
func (w *world) tryLines(ctx context.Context, c *cli, dir string, d *docker, r *result) error {
	l, err := c.lines(dir, c.path, d)
	if err != nil {
		return err
	}
	began := time.Now()
	out, err := c.shell(ctx, l.set+"\n"+l.invoke)
	if err == nil && !strings.Contains(out, `"statusCode":202`) && !strings.Contains(out, `"statusCode": 202`) {
		err = fmt.Errorf("answered %.600s", out)
	}
	r.check("sam-local: "+l.invoke, err, time.Since(began))
	began = time.Now()
	// The port printed may be taken here.
	port, err := freePort()
	if err != nil {
		return err
	}
	swap := strings.NewReplacer("--port 3000", "--port "+port, ":3000/", ":"+port+"/")
	out, err = c.shell(ctx, fmt.Sprintf("%s\n%s & api=$!\ntrap 'kill -TERM $api; wait $api || true' EXIT\n"+
		"for n in $(seq 200); do %s -s -o \"$TMPDIR/said\" -w '%%{http_code}' && break; sleep 0.5; done; cat "+
		"\"$TMPDIR/said\"",
		l.set, swap.Replace(l.api), swap.Replace(l.ask)))
	if err == nil && !strings.Contains(out, "202") {
		err = errors.New(out[max(0, len(out)-600):])
	}
	r.check("sam-local: "+l.api, err, time.Since(began))
	return ctx.Err()
}

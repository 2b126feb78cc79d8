package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	samples "github.com/mi-telecom/mi-connect/events-samples"
	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/mailbox"
	"github.com/mi-telecom/mi-connect/infra/local/secrets"
	"github.com/mi-telecom/mi-connect/infra/local/streams"
	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// origin is what the samples expect of links.
const origin = "https://connect.test"

// world is what functions in containers reach: the embedded DynamoDB with the template's tables, and a mail
// box. `sam local` resolves !Ref of a table to its logical id, so that is what the tables are called.
type world struct {
	root, dir string
	dynamo    *dynamo.Server
	mail      *mailbox.Box
	functions []template.Function
	params    map[string]string // the template's
	variables map[string]string // of every function that declares them
	closers   []io.Closer
}

func newWorld(ctx context.Context, root, dir string, d *docker) (*world, error) {
	w := &world{root: root, dir: dir}
	if err := w.start(ctx, d); err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

func (w *world) start(ctx context.Context, d *docker) error {
	listen, name, err := d.gateway(ctx)
	if err != nil {
		return err
	}
	engine, err := dynamo.Find(w.root)
	if err != nil {
		return err
	}
	if w.dynamo, err = dynamo.Start(ctx, engine, "", func(line string) { fmt.Fprintln(os.Stderr, line) }); err != nil {
		return err
	}
	// It listens on this machine's own address only, which containers cannot reach.
	database, err := w.listen(listen)
	if err != nil {
		return err
	}
	go forward(database, strings.TrimPrefix(w.dynamo.Endpoint, "http://"))
	letters, err := w.listen(listen)
	if err != nil {
		return err
	}
	if w.mail, err = mailbox.Open(filepath.Join(w.dir, "mail")); err != nil {
		return err
	}
	go w.mail.Serve(letters)

	payments, err := w.listen(listen)
	if err != nil {
		return err
	}
	standIn, err := stripe.New(stripe.Options{Base: "http://" + name + port(payments), Hold: true})
	if err != nil {
		return err
	}
	w.closers = append(w.closers, standIn)
	go func() { _ = http.Serve(payments, standIn) }()

	w.params = map[string]string{
		"StripeApiBase": "http://" + name + port(payments),
		"Stage":         "local", "Origin": origin, "Architecture": template.Architecture(),
		"MailUrl":  "smtp://" + name + port(letters),
		"MailFrom": "Mi Connect <no-reply@connect.test>", "PrivacyEmail": "privacy@connect.test",
	}
	t, err := template.Load(filepath.Join(w.root, "template.yaml"), w.params)
	if err != nil {
		return err
	}
	tables, err := t.Tables()
	if err != nil {
		return err
	}
	for _, table := range tables {
		table.Name = table.ID
		t.SetRef(table.ID, table.Name)
		stream, err := dynamo.Ensure(ctx, w.dynamo.Client, table)
		if err != nil {
			return err
		}
		t.SetAttribute(table.ID, "StreamArn", stream)
	}
	var problems []error
	if w.functions, problems, err = t.Functions(); err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("the template's functions: %w", errors.Join(problems...))
	}
	w.variables = map[string]string{}
	for name := range secrets.Texts(w.functions) { // Secrets Manager is not here
		w.variables[name] = samples.Secret(name)
	}
	w.variables["CDN_KEY"] = "" // nor a CDN
	w.variables["AWS_ENDPOINT_URL_DYNAMODB"] = "http://" + name + port(database)
	return nil
}

func (w *world) listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err == nil {
		w.closers = append(w.closers, l)
	}
	return l, err
}

func port(l net.Listener) string { return fmt.Sprintf(":%d", l.Addr().(*net.TCPAddr).Port) }

func (w *world) stop() {
	for _, c := range w.closers {
		c.Close()
	}
	if w.dynamo != nil {
		w.dynamo.Stop()
	}
}

// forward passes connections on.
func forward(l net.Listener, to string) {
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer in.Close()
			out, err := net.Dial("tcp", to)
			if err != nil {
				return
			}
			defer out.Close()
			go func() {
				_, _ = io.Copy(out, in)
				_ = out.(*net.TCPConn).CloseWrite()
			}()
			_, _ = io.Copy(in, out)
		}()
	}
}

// feed gives a function what is new in its stream, through `sam local invoke`.
func (w *world) feed(ctx context.Context, c *cli, function string, records int) error {
	client := dynamodbstreams.New(dynamodbstreams.Options{
		Region: template.Region, BaseEndpoint: &w.dynamo.Endpoint, Credentials: dynamo.Credentials,
	})
	dir := filepath.Join(w.dir, "streams")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	batches, err := streams.Collect(ctx, client, w.functions, function, dir, records, records)
	if err != nil {
		return err
	}
	for _, batch := range batches {
		file := filepath.Join(w.dir, function+".json")
		if err := os.WriteFile(file, batch, 0o600); err != nil {
			return err
		}
		answer, err := c.invoke(ctx, function, file)
		if err != nil {
			return err
		}
		if !strings.Contains(strings.ReplaceAll(string(answer), " ", ""), `"batchItemFailures":[]`) {
			return fmt.Errorf("%s answered %s", function, answer)
		}
	}
	return nil
}

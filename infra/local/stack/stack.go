// Package stack runs a whole template on one machine.
package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/cdn"
	"github.com/mi-telecom/mi-connect/infra/local/demo"
	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/gateway"
	"github.com/mi-telecom/mi-connect/infra/local/lambda"
	"github.com/mi-telecom/mi-connect/infra/local/mailbox"
	"github.com/mi-telecom/mi-connect/infra/local/secrets"
	"github.com/mi-telecom/mi-connect/infra/local/stripe"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Options say what to run and where.
type Options struct {
	Root         string // the project: .build, node_modules, dashboard/dist and widget/dist are in it
	Template     string // "" for template.yaml in Root
	DataDir      string
	Port         int  // 0 takes a free one
	MaxInstances int  // of one function; 0 is 4
	Concurrency  int  // calls of all functions at once before Lambda refuses more; 0 has them wait for an instance
	Shards       int  // of a table's stream; 0 is 3
	SplitEvery   int  // records after which a shard is divided or followed by another; 0 is 2000
	Faults       bool // things can be made to go wrong: /_local/faults
	Out          io.Writer
}

// Stack is a running template.
type Stack struct {
	Origin     string // of dashboard and API: http://localhost:3000
	DemoOrigin string // of the demo customer's website: http://127.0.0.1:3001
	API        string // the API's own address, around the CDN: http://127.0.0.1:40123
	Dynamo     *dynamo.Server
	Mail       *mailbox.Box
	Stripe     *stripe.Server // nil when Stripe itself is used

	options   Options
	faults    faults
	console   *console
	lock      *os.File
	template  *template.Template
	secrets   store
	standIn   map[string]string // variables whose values stand-ins give, unless our own environment does
	functions map[string]template.Function
	pools     map[string]*lambda.Pool
	logs      *lambda.Logs
	servers   []*http.Server
	closers   []io.Closer
	counts    counts
	unrun     []string // what cannot run here, a line each

	cancel     context.CancelFunc
	background sync.WaitGroup
}

type store = secrets.Store

// Start runs the template and returns when everything can be used.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if o.Template == "" {
		o.Template = filepath.Join(o.Root, "template.yaml")
	}
	o.MaxInstances, o.Shards, o.SplitEvery = cmp.Or(o.MaxInstances, 4), cmp.Or(o.Shards, 3), cmp.Or(o.SplitEvery, 2000)
	var err error
	for _, path := range []*string{&o.Root, &o.DataDir} {
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, err
		}
	}
	s := &Stack{
		options: o, console: &console{out: o.Out},
		functions: map[string]template.Function{}, pools: map[string]*lambda.Pool{},
	}
	if err := s.start(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	var err error
	o := s.options
	if err = os.MkdirAll(o.DataDir, 0o700); err != nil {
		return err
	}
	if s.lock, err = lock(o.DataDir); err != nil {
		return err
	}
	front, port, err := listen(o.Port)
	if err != nil {
		return err
	}
	s.closeLater(front...)
	// The demo site is one port up; with a free port asked for, that one may be taken.
	beside, demoPort, err := listen(port + 1)
	if err != nil && o.Port == 0 {
		beside, demoPort, err = listen(0)
	}
	if err != nil {
		return err
	}
	s.closeLater(beside...)
	s.Origin = "http://localhost:" + strconv.Itoa(port)
	s.DemoOrigin = "http://127.0.0.1:" + strconv.Itoa(demoPort)

	own, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.closeLater(own)
	s.API = "http://" + own.Addr().String()

	mailURL, err := s.startMail()
	if err != nil {
		return err
	}
	stripeBase, err := s.startStripe()
	if err != nil {
		return err
	}
	s.template, err = template.Load(o.Template, map[string]string{
		"Stage": "local", "Origin": s.Origin, "MailUrl": mailURL, "Architecture": template.Architecture(),
		"StripeApiBase": stripeBase,
	})
	if err != nil {
		return err
	}
	if err := s.startTables(ctx); err != nil {
		return err
	}
	functions, err := s.startFunctions()
	if err != nil {
		return err
	}
	api, err := s.gateway(functions)
	if err != nil {
		return err
	}
	handler, err := s.front(api)
	if err != nil {
		return err
	}
	website, err := demo.New(s.DemoOrigin, s.Origin)
	if err != nil {
		return err
	}
	if err := s.startBackground(functions); err != nil {
		return err
	}
	s.serve(onlyLocal(api), own)
	s.serve(handler, front...)
	s.serve(website, beside...)
	return s.findUnrun()
}

func (s *Stack) startMail() (url string, err error) {
	if s.Mail, err = mailbox.Open(filepath.Join(s.options.DataDir, "mail")); err != nil {
		return "", err
	}
	s.Mail.Refuse = s.faults.refuseMail
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.closeLater(l)
	go s.Mail.Serve(l)
	return "smtp://" + l.Addr().String(), nil
}

func (s *Stack) startTables(ctx context.Context) error {
	engine, err := dynamo.Find(s.options.Root)
	if err != nil {
		return err
	}
	if engine.Note != "" {
		s.console.say(engine.Note)
	}
	file := filepath.Join(s.options.DataDir, "dynamodb.sqlite")
	if s.Dynamo, err = dynamo.Start(ctx, engine, file, s.console.say); err != nil {
		return err
	}
	s.counts.engine = engine.Name
	tables, err := s.template.Tables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		stream, err := dynamo.Ensure(ctx, s.Dynamo.Client, t)
		if errors.Is(err, dynamo.ErrKeysChanged) {
			return fmt.Errorf("table %s was made with other keys than template.yaml has now, and a table's keys cannot "+
				"change.\n"+
				"Give the table another name there, or remove %s (everything kept on this machine) and start "+
				"again", t.ID, s.options.DataDir)
		}
		if err != nil {
			return err
		}
		if stream != "" {
			s.template.SetAttribute(t.ID, "StreamArn", stream)
		}
	}
	s.counts.tables = len(tables)
	return nil
}

// gateway is the HTTP API.
func (s *Stack) gateway(functions []template.Function) (*gateway.Gateway, error) {
	api := &gateway.Gateway{Routes: gateway.Routes(functions), Invoke: s.Invoke, Say: s.console.say}
	s.unrun = append(s.unrun, gateway.Check(api.Routes)...)
	s.counts.routes = api.Routes
	apis, err := s.template.Resources("AWS::Serverless::HttpApi")
	if err != nil {
		return nil, err
	}
	for _, r := range apis {
		p, err := s.template.Properties(r)
		if err != nil {
			return nil, err
		}
		if cors := gateway.ParseCORS(p["CorsConfiguration"]); cors != nil {
			api.CORS = cors
		}
		limits, problems := gateway.ParseThrottles(p)
		api.Throttles = limits
		s.unrun = append(s.unrun, problems...)
	}
	return api, nil
}

// front is everything at Origin: the CDN, and what exists on one machine only.
func (s *Stack) front(api *gateway.Gateway) (http.Handler, error) {
	files := &cdn.Files{Folders: []string{
		filepath.Join(s.options.Root, "dashboard/dist"), filepath.Join(s.options.Root, "widget/dist")}}
	edge, err := cdn.New(s.template, api, files, s.secrets.Resolve)
	if err != nil {
		return nil, err
	}
	local := s.local()
	// No ServeMux here: it would tidy paths and redirect, which neither the API nor the CDN does.
	return onlyLocal(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_local/") {
			local.ServeHTTP(w, r)
			return
		}
		edge.ServeHTTP(w, r)
	})), nil
}

// patience is how long what is under way may take when we stop.
const patience = 5 * time.Second

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	samples "github.com/mi-telecom/mi-connect/events-samples"
	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/template"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// samples sends every sample to its function, one after another, and compares the answers.
func (w *world) samples(ctx context.Context, c *cli, only string, times int, r *result) error {
	all, err := samples.All(filepath.Join(w.root, "events-samples"))
	if err != nil {
		return err
	}
	if err := samples.Prepare(ctx, w.store()); err != nil {
		return fmt.Errorf("what the samples need: %w", err)
	}
	tried := 0
	for _, s := range all {
		if !strings.Contains(s.Name(), only) {
			continue
		}
		tried++
		for range times {
			if err := w.sample(ctx, c, s, r); err != nil {
				return err
			}
		}
	}
	if tried == 0 {
		return fmt.Errorf("no sample holds %q", only)
	}
	return nil
}

// sample sends one. The error is for what ends the run.
func (w *world) sample(ctx context.Context, c *cli, s samples.Sample, r *result) error {
	began := time.Now()
	i := slices.IndexFunc(w.functions, func(f template.Function) bool { return filepath.Base(f.CodeURI) == s.Function })
	if i < 0 {
		r.check("sample "+s.Name(), errors.New("the template has no function of that folder"), 0)
		return nil
	}
	path := s.Path
	if s.Function == "stripe-webhook" { // a signature is good for five minutes
		path = filepath.Join(w.dir, "signed.json")
		event, err := samples.Signed(s.Event, time.Now())
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, event, 0o600); err != nil {
			return err
		}
	}
	got, err := c.invoke(ctx, w.functions[i].ID, path)
	if err == nil {
		err = samples.Match(s.Want, got)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.check("sample "+s.Name(), err, time.Since(began))
	return nil
}

// store is ours on the tables of the containers.
func (w *world) store() store.DB {
	env := map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": w.dynamo.Endpoint, "AWS_REGION": template.Region,
		"AWS_ACCESS_KEY_ID": dynamo.AccessKey, "AWS_SECRET_ACCESS_KEY": dynamo.AccessKey,
	}
	for _, f := range w.functions {
		for name, value := range f.Env {
			if strings.HasSuffix(name, "_TABLE") {
				env[name] = value
			}
		}
	}
	return store.Open(func(name string) string { return env[name] })
}

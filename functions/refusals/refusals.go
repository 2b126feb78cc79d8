package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
)

type refusals struct {
	store doors
	log   *slog.Logger
	clock func() time.Time
}

func (f *refusals) batch(ctx context.Context, b lambdahttp.Batch) (failed []string, err error) {
	for _, rec := range b.Records {
		id := rec.New.Text("pk")
		if id == "" {
			continue
		}
		if err := f.one(ctx, id); err != nil {
			f.log.Error("not noted", "outbox", id, "error", err.Error())
			failed = append(failed, rec.Sequence)
		}
	}
	return failed, nil
}

// one writes a refusal under its own id: it is there once, however often it is delivered.
func (f *refusals) one(ctx context.Context, id string) error {
	m, err := f.store.Message(ctx, id, f.clock())
	if errors.Is(err, connect.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if m.Kind != connect.AuditLoginRefused || m.User == "" {
		return nil
	}
	entries, err := f.store.AuditInEveryAccount(ctx, connect.AuditEntry{
		ID: m.ID, At: m.At, Action: connect.LoginRefused, Actor: m.User, Target: m.Detail, Client: m.Client,
	})
	if err != nil {
		return err
	}
	return f.store.Audit(ctx, entries...)
}

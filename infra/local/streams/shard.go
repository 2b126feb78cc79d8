package streams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

const slowest = 5 * time.Second // the longest pause before a retry

// shard reads one shard in order.
type shard struct {
	runner   *Runner
	source   source
	mapping  Mapping
	id       string
	progress *progress
	state    shardState
}

// run reads until the shard ends or ctx does.
func (s *shard) run(ctx context.Context) {
	r, m := s.runner, s.mapping
	var (
		iterator *string
		buffer   []record
		since    time.Time // when the oldest in buffer came
		read     = s.state.Sequence
		trouble  string
	)
	for wait := r.Poll; ctx.Err() == nil; {
		if iterator == nil {
			var err error
			if iterator, err = r.iterator(ctx, s.source, m, s.id, read); err != nil {
				if text := err.Error(); text != trouble && ctx.Err() == nil {
					trouble = text
					r.Say(fmt.Sprintf("%s.%s: %v", m.Function, m.ID, err))
				}
				wait = min(2*wait, slowest)
				pause(ctx, wait)
				continue
			}
		}
		out, err := s.source.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator})
		if err != nil {
			var expired *types.ExpiredIteratorException
			if !errors.As(err, &expired) {
				wait = min(2*wait, slowest)
				pause(ctx, wait)
			}
			iterator = nil // asked for again after the last record that was read
			continue
		}
		wait, trouble = r.Poll, ""
		if len(buffer) == 0 {
			since = time.Now()
		}
		for _, raw := range out.Records {
			rec := newRecord(raw, m.Stream)
			read = rec.sequence
			if !unchanged(raw) && m.Filter.Passes(rec.event) {
				buffer = append(buffer, rec)
			} else if len(buffer) == 0 {
				s.state.Sequence = rec.sequence // saved with the next batch; reading it again does no harm
			}
		}
		for len(buffer) > 0 && (len(buffer) >= m.BatchSize || time.Since(since) >= m.Window || out.NextShardIterator == nil) {
			batch := s.cut(buffer)
			if !s.deliver(ctx, batch) {
				return
			}
			buffer, since = buffer[len(batch):], time.Now()
		}
		if !s.closeWindow(ctx, time.Now(), len(buffer) == 0 && len(out.Records) == 0) {
			return
		}
		if iterator = out.NextShardIterator; iterator == nil {
			if !s.closeWindow(ctx, time.Now().Add(m.Tumbling), true) {
				return
			}
			s.state.Finished = true
			s.save()
			return
		}
		if len(out.Records) == 0 {
			pause(ctx, r.Poll)
		}
	}
}

// cut takes the next batch: at most BatchSize records, of one tumbling window, within Lambda's payload.
func (s *shard) cut(buffer []record) []record {
	const room = 5 << 20
	size := 0
	for i, rec := range buffer {
		text, _ := json.Marshal(rec.event)
		size += len(text)
		other := s.mapping.Tumbling > 0 && !s.windowOf(rec).Equal(s.windowOf(buffer[0]))
		if i > 0 && (i == s.mapping.BatchSize || size > room || other) {
			return buffer[:i]
		}
	}
	return buffer
}

func (s *shard) windowOf(rec record) time.Time { return rec.at.UTC().Truncate(s.mapping.Tumbling) }

// deliver gives records to the function until they are done with, in whole or in part or given up, and
// tells whether to continue (ctx has not ended).
func (s *shard) deliver(ctx context.Context, records []record) bool {
	if s.mapping.Tumbling > 0 {
		start := s.windowOf(records[0])
		if w := s.state.Window; w != nil && !w.Start.Equal(start) {
			if !s.finishWindow(ctx) {
				return false
			}
		}
		if s.state.Window == nil {
			s.state.Window = &window{Start: start, End: start.Add(s.mapping.Tumbling), State: json.RawMessage("{}")}
		}
	}
	return s.attempt(ctx, records, 0)
}

// attempt calls the function with records that failed attempts times already.
func (s *shard) attempt(ctx context.Context, records []record, attempts int) bool {
	r, m := s.runner, s.mapping
	for len(records) > 0 {
		if old := s.tooOld(records); old > 0 {
			r.discard(m, s.id, records[:old], "RecordAgeExceeded", attempts)
			s.done(records[:old])
			records = records[old:]
			continue
		}
		done, failed, ok := s.call(ctx, records, false)
		if !ok {
			return false
		}
		if done > 0 { // what came before a failure does not come again
			s.done(records[:done])
			records = records[done:]
		}
		switch {
		case !failed:
			return true
		case done > 0:
			attempts = 0 // a batch of its own
		case m.Bisect && len(records) > 1: // splitting does not use up an attempt
			half := len(records) / 2
			return s.attempt(ctx, records[:half], attempts) && s.attempt(ctx, records[half:], attempts)
		default:
			if attempts++; m.Retries >= 0 && attempts > m.Retries {
				r.discard(m, s.id, records, "RetryAttemptsExhausted", attempts)
				s.done(records)
				return true
			}
		}
		if !pause(ctx, min(r.Backoff<<min(attempts, 10), slowest)) {
			return false
		}
	}
	return true
}

func (s *shard) tooOld(records []record) int {
	if s.mapping.MaxAge == 0 {
		return 0
	}
	for i, rec := range records {
		if time.Since(rec.at) <= s.mapping.MaxAge {
			return i
		}
	}
	return len(records)
}

// call invokes the function once. It gives how many records from the front are done with, whether the
// call failed, for the rest at least, and ok false when ctx ended.
func (s *shard) call(ctx context.Context, records []record, final bool) (done int, failed, ok bool) {
	m := s.mapping
	events := make([]map[string]any, len(records))
	for i, rec := range records {
		events[i] = rec.event
	}
	event := map[string]any{"Records": events}
	if w := s.state.Window; w != nil && m.Tumbling > 0 {
		event["window"] = map[string]string{"start": w.Start.Format(time.RFC3339), "end": w.End.Format(time.RFC3339)}
		event["state"] = w.State
		event["shardId"] = s.id
		event["eventSourceARN"] = m.Stream
		event["isFinalInvokeForWindow"] = final
		event["isWindowTerminatedEarly"] = false
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return 0, true, true
	}
	// A call under way is let finish when we are told to stop, so that its records do not come again.
	answer, err := s.runner.Invoke(context.WithoutCancel(ctx), m.Function, payload)
	if err != nil {
		return 0, true, ctx.Err() == nil
	}
	var said struct {
		State             json.RawMessage `json:"state"`
		BatchItemFailures []struct {
			ItemIdentifier *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &said); err != nil && m.Partial {
		return 0, true, true // an answer of another shape is a failure of the batch
	}
	done = len(records)
	if m.Partial {
		for _, f := range said.BatchItemFailures {
			failed = true
			at := 0 // an identifier that is not of this batch fails the whole
			for i, rec := range records {
				if f.ItemIdentifier != nil && rec.sequence == *f.ItemIdentifier {
					at = i
				}
			}
			done = min(done, at) // Lambda continues at the lowest one
		}
	}
	if w := s.state.Window; w != nil && len(said.State) > 0 && string(said.State) != "null" && (done > 0 || !failed) {
		w.State = said.State
	}
	return done, failed, true
}

// closeWindow finishes the tumbling window when its time is over and all that was read is delivered.
func (s *shard) closeWindow(ctx context.Context, now time.Time, drained bool) bool {
	if s.state.Window == nil || !drained || now.Before(s.state.Window.End) {
		return true
	}
	return s.finishWindow(ctx)
}

// finishWindow makes the last call for a window, which has no records.
func (s *shard) finishWindow(ctx context.Context) bool {
	for attempts := 1; ; attempts++ {
		_, failed, ok := s.call(ctx, nil, true)
		if !ok {
			return false
		}
		if !failed || s.mapping.Retries >= 0 && attempts > s.mapping.Retries {
			s.state.Window = nil
			s.save()
			return true
		}
		if !pause(ctx, min(s.runner.Backoff<<min(attempts, 10), slowest)) {
			return false
		}
	}
}

// done notes that records need not come again.
func (s *shard) done(records []record) {
	s.state.Sequence = records[len(records)-1].sequence
	s.save()
}

func (s *shard) save() {
	state := s.state
	if state.Window != nil {
		w := *state.Window
		state.Window = &w
	}
	if err := s.progress.save(s.id, state); err != nil {
		s.runner.Say(fmt.Sprintf("%s.%s: %v", s.mapping.Function, s.mapping.ID, err))
	}
}

package streams

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// shardState is how far a shard was processed.
type shardState struct {
	Sequence string  `json:"sequence,omitempty"` // of the last record that is done with
	Finished bool    `json:"finished,omitempty"`
	Window   *window `json:"window,omitempty"` // the tumbling window under way
}

type window struct {
	Start time.Time       `json:"start"`
	End   time.Time       `json:"end"`
	State json.RawMessage `json:"state"`
}

// progress is a mapping's place in its stream, kept in a file. It is written after the function has
// answered: what was under way when the machine stopped comes again.
type progress struct {
	path string

	mu     sync.Mutex
	Stream string                `json:"stream"`
	Shards map[string]shardState `json:"shards"`
}

// loadProgress reads path. A stream with another ARN is another table's: it starts at the beginning.
func loadProgress(path, stream string) *progress {
	p := &progress{path: path}
	if text, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(text, p)
	}
	if p.Stream != stream || p.Shards == nil {
		p.Stream, p.Shards = stream, map[string]shardState{}
	}
	return p
}

func (p *progress) shard(id string) shardState {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Shards[id]
}

// keep forgets shards that the stream no longer has.
func (p *progress) keep(shards map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.Shards {
		if _, ok := shards[id]; !ok {
			delete(p.Shards, id)
		}
	}
}

func (p *progress) save(id string, s shardState) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Shards[id] = s
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(p.path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(p.path+".new", p.path)
}

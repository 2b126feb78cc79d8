package lambda

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Logs keeps what functions write: every line in a file per function, warnings and errors also as a
// short line on the terminal.
type Logs struct {
	dir string
	say func(string)

	mu    sync.Mutex
	files map[string]*os.File
}

// logLimit is the size at which a file of an earlier run is put aside.
const logLimit = 10 << 20

// NewLogs keeps files in dir and says lines through say.
func NewLogs(dir string, say func(string)) (*Logs, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Logs{dir: dir, say: say, files: map[string]*os.File{}}, nil
}

// Close closes the files.
func (l *Logs) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.files {
		f.Close()
	}
	l.files = map[string]*os.File{}
}

func (l *Logs) write(id string, line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.files[id]
	if f == nil {
		path := filepath.Join(l.dir, id+".log")
		if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
			_ = os.Rename(path, path+".1")
		}
		var err error
		if f, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return
		}
		l.files[id] = f
	}
	_, _ = f.Write(append(line, '\n'))
}

// writer gives a process a place to write to.
func (l *Logs) writer(f template.Function) *lineWriter {
	return &lineWriter{logs: l, id: f.ID}
}

// lineWriter cuts a process's output into lines.
type lineWriter struct {
	logs *Logs
	id   string

	mu      sync.Mutex
	partial []byte
	latest  string
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.partial = append(w.partial, p...)
	for {
		i := bytes.IndexByte(w.partial, '\n')
		if i < 0 {
			return len(p), nil
		}
		w.line(w.partial[:i:i])
		w.partial = w.partial[i+1:]
	}
}

func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.partial) > 0 {
		w.line(w.partial)
		w.partial = nil
	}
}

func (w *lineWriter) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.latest
}

func (w *lineWriter) line(line []byte) {
	line = bytes.TrimRight(line, "\r")
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	w.latest = short(string(line))
	w.logs.write(w.id, line)
	if said := loud(line); said != "" {
		w.logs.say(w.id + ": " + said)
	}
}

// loud is what of a JSON line of level WARN or ERROR is said aloud.
func loud(line []byte) string {
	var record map[string]any
	if line[0] != '{' || json.Unmarshal(line, &record) != nil {
		return ""
	}
	level := strings.ToUpper(template.String(record["level"]))
	if level != "WARN" && level != "ERROR" {
		return ""
	}
	parts := []string{level}
	for _, key := range []string{"msg", "message", "error", "err"} {
		if text := template.String(record[key]); text != "" {
			parts = append(parts, text)
		}
	}
	return short(strings.Join(parts, " "))
}

func short(text string) string {
	const limit = 300
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return text
}

package cdn

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Files serves built files, looked for in each folder in turn, as one bucket holds them all.
type Files struct {
	Folders []string

	mu    sync.Mutex
	cache map[string]file
}

// file is one that was read and compressed. It is read again when it changes.
type file struct {
	modified time.Time
	size     int64
	body     []byte
	gzip     []byte // nil where it saves nothing
	etag     string
	kind     string
}

var (
	extension = regexp.MustCompile(`\.[a-z0-9]+$`)
	hashed    = regexp.MustCompile(`-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$`)
)

// serve answers with the file at address, which what stands before may have made of the request's.
func (f *Files) serve(w http.ResponseWriter, r *http.Request, address string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are served here.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+address), "/")
	view := name == "index.html"
	found, err := f.read(name)
	if err != nil {
		f.missing(w, name, view)
		return
	}
	h := w.Header()
	h.Set("Content-Type", found.kind)
	h.Set("ETag", found.etag)
	// A file in a folder whose name carries its content's hash never changes.
	if strings.Contains(name, "/") && hashed.MatchString(name) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	body := found.body
	if found.gzip != nil {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", strings.TrimSuffix(found.etag, `"`)+`-gzip"`)
			body = found.gzip
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) == "gzip" {
			return strings.ReplaceAll(q, " ", "") != "q=0"
		}
	}
	return false
}

// missing says what is not there; when nothing was built, what to do.
func (f *Files) missing(w http.ResponseWriter, name string, view bool) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	switch {
	case view:
		h.Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(
			w,
			`<!doctype html><html lang="en-GB"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Not built yet</title><h1>The pages are not built yet</h1><p>There is no dashboard/dist/index.html. <code>make build</code> makes it; this page then shows it after a reload.</p></html>`,
		)
	case name == "widget.js":
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "console.error('Mi Connect: widget/dist/widget.js is not built yet (make build).');\n")
	default:
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "Not found.\n")
	}
}

func (f *Files) read(name string) (file, error) {
	for _, folder := range f.Folders {
		root := os.DirFS(folder)
		info, err := fs.Stat(root, name)
		if err != nil || info.IsDir() {
			continue
		}
		key := folder + "/" + name
		f.mu.Lock()
		had, ok := f.cache[key]
		f.mu.Unlock()
		if ok && had.modified.Equal(info.ModTime()) && had.size == info.Size() {
			return had, nil
		}
		body, err := fs.ReadFile(root, name)
		if err != nil {
			return file{}, err
		}
		sum := sha256.Sum256(body)
		made := file{modified: info.ModTime(), size: info.Size(), body: body,
			etag: `"` + hex.EncodeToString(sum[:12]) + `"`, kind: kind(name)}
		if compressible(made.kind) && len(body) >= 1000 { // CloudFront leaves smaller ones alone
			made.gzip = compress(body)
		}
		f.mu.Lock()
		if f.cache == nil {
			f.cache = map[string]file{}
		}
		f.cache[key] = made
		f.mu.Unlock()
		return made, nil
	}
	return file{}, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
}

// kind is a file's media type. The few that matter are written here, since a machine's own table may
// lack them.
func kind(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".ico":
		return "image/x-icon"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
	}
	return "application/octet-stream"
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "image/svg") ||
		strings.HasPrefix(kind, "application/") && strings.Contains(kind, "json")
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = z.Write(body)
	_ = z.Close()
	if out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
}

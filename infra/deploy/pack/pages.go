package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// File is one file of the pages' bucket.
type File struct {
	Key          string
	Path         string // on this machine
	Sha256       string // of its content, in hex
	ContentType  string
	CacheControl string
	turn         int // files of a lower turn are uploaded first
}

// How long browsers and the CDN keep a file. Names under assets/ and widget/ carry a digest of their content.
const (
	forever = "public,max-age=31536000,immutable"
	anHour  = "public,max-age=3600"
	minutes = "public,max-age=300"
	asked   = "no-cache"
)

// Pages lists what was built of the dashboard and the widget, in the order in which it has to be uploaded: what is
// named before what names it, so that at every moment, also after a kill, each page finds all it asks for.
func Pages(root string) ([]File, error) {
	var all []File
	for _, dist := range []string{"dashboard/dist", "widget/dist"} {
		from := filepath.Join(root, filepath.FromSlash(dist))
		if _, err := os.Stat(from); err != nil {
			return nil, fmt.Errorf("%s is not built (make pages): %w", dist, err)
		}
		err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				if strings.HasPrefix(d.Name(), ".") { // .vite: the build's own notes
					return fs.SkipDir
				}
				return nil
			}
			rel, err := filepath.Rel(from, name)
			if err != nil {
				return err
			}
			f, err := file(filepath.ToSlash(rel), name)
			all = append(all, f)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b File) int {
		if a.turn != b.turn {
			return a.turn - b.turn
		}
		return strings.Compare(a.Key, b.Key)
	})
	return all, nil
}

func file(key, name string) (File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return File{}, err
	}
	sum := sha256.Sum256(text)
	f := File{Key: key, Path: name, Sha256: hex.EncodeToString(sum[:]), ContentType: contentType(key)}
	switch {
	case strings.HasPrefix(key, "assets/"), strings.HasPrefix(key, "widget/"):
		f.CacheControl, f.turn = forever, 0
	case key == "widget.js", key == "widget-pinned.json": // they name the newest version
		f.CacheControl, f.turn = minutes, 2
	case key == "sw.js": // browsers look for a newer one under the same name
		f.CacheControl, f.turn = asked, 2
	case path.Ext(key) == ".html":
		f.CacheControl, f.turn = asked, 3
	default:
		f.CacheControl, f.turn = anHour, 1
	}
	return f, nil
}

// contentType does not ask the machine for what it knows: a server without /etc/mime.types uploads the same.
func contentType(key string) string {
	known := map[string]string{
		".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
		".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".json": "application/json", ".xml": "application/xml",
		".png": "image/png", ".ico": "image/vnd.microsoft.icon", ".webp": "image/webp", ".woff2": "font/woff2",
		".webmanifest": "application/manifest+json",
	}
	if t := known[path.Ext(key)]; t != "" {
		return t
	}
	if t := mime.TypeByExtension(path.Ext(key)); t != "" {
		return t
	}
	return "application/octet-stream"
}

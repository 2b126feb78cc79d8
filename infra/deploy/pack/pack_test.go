package pack

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestZip(t *testing.T) {
	first, err := Zip([]byte("binary"))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(2100 * time.Millisecond) // a zip's dates have steps of two seconds
	second, err := Zip([]byte("binary"))
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("two zips of one binary differ, %v", err)
	}
	r, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil || len(r.File) != 1 || r.File[0].Name != "bootstrap" || r.File[0].Mode() != 0o755 {
		t.Errorf("%v, %+v", err, r.File)
	}
}

func TestTemplate(t *testing.T) {
	text, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir("../../../functions")
	if err != nil {
		t.Fatal(err)
	}
	var all []Function
	for _, f := range folders {
		all = append(all, Function{f.Name(), []byte(f.Name())})
	}
	got, err := Template(string(text), "builds", all)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if strings.Count(got, "CodeUri: s3://builds/"+f.Key()+"\n") == 0 {
			t.Errorf("%s is not in the template", f.Name)
		}
	}
	if _, err := Template(string(text), "builds", all[1:]); err == nil || !strings.Contains(err.Error(), all[0].Name) {
		t.Errorf("one that was not built: %v", err)
	}
	if _, err := Template(string(text), "builds", append(all, Function{Name: "other"})); err == nil ||
		!strings.Contains(err.Error(), "other") {
		t.Errorf("one that the template has not: %v", err)
	}
}

// Nothing is uploaded before what it names, and nothing whose name stays is kept for ever.
func TestPages(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{
		"dashboard/dist/index.html", "dashboard/dist/pricing/index.html", "dashboard/dist/assets/app-1.js",
		"dashboard/dist/favicon.svg", "dashboard/dist/robots.txt",
		"dashboard/dist/.vite/manifest.json", "widget/dist/widget.js", "widget/dist/widget/panel-1.js",
		"widget/dist/widget/widget-1.js", "widget/dist/widget-pinned.json",
	} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, f := range files {
		order = append(order, f.Key)
		immutable := strings.HasPrefix(f.Key, "assets/") || strings.HasPrefix(f.Key, "widget/")
		if immutable != strings.Contains(f.CacheControl, "immutable") {
			t.Errorf("%s: %s", f.Key, f.CacheControl)
		}
		if strings.HasPrefix(f.Key, "widget") && !immutable && f.CacheControl != "public,max-age=300" {
			t.Errorf("%s, which names the newest version: %s", f.Key, f.CacheControl)
		}
	}
	want := []string{
		"assets/app-1.js", "widget/panel-1.js", "widget/widget-1.js", "favicon.svg", "robots.txt", "widget-pinned.json",
		"widget.js",
		"index.html", "pricing/index.html",
	}
	if !slices.Equal(order, want) {
		t.Errorf("%v", order)
	}
	if _, err := Pages(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make pages") {
		t.Errorf("nothing built: %v", err)
	}
}

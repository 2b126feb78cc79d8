package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// pages weighs what browsers fetch, gzipped.
func (b *bench) pages(context.Context) error {
	if err := b.widget(); err != nil {
		return err
	}
	views, err := firstLoads("dashboard/dist")
	if err != nil {
		return err
	}
	worst := slices.MaxFunc(slices.Collect(maps.Keys(views)), func(x, y string) int { return views[x] - views[y] })
	b.table.add(row{
		"Dashboard: first load of the start page, gzipped", fmt.Sprintf("%.1f kB", kB(views[""])), "90 kB",
		within(views[""] <= 90_000),
	})
	b.table.add(row{
		"Dashboard: first load of the largest view, gzipped", fmt.Sprintf("%.1f kB (%s)", kB(views[worst]), worst), "90 kB",
		within(views[worst] <= 90_000),
	})
	return nil
}

// widget weighs its parts: the loader, and what is fetched when it is needed.
func (b *bench) widget() error {
	parts := []struct {
		name, file string
		budget     int
	}{
		{"loader", "widget.js", 2500}, {"panel, once opened", "widget/panel-*.js", 6000},
		{"loader of a pinned version", "widget/widget-*.js", 3200},
		{"times of a site with opening hours", "widget/slots-*.js", 2000},
		{"proof of work and recovery", "widget/rescue-*.js", 1000},
		{"inline button and triggers", "widget/extras-*.js", 1000},
		{"largest language", "widget/??-*.js", 1500},
	}
	for _, p := range parts {
		files, err := filepath.Glob("widget/dist/" + p.file)
		if err != nil || len(files) == 0 {
			return fmt.Errorf("no %s (make build): %w", p.file, err)
		}
		most := 0
		for _, f := range files {
			n, err := zipped(f)
			if err != nil {
				return err
			}
			most = max(most, n)
		}
		budget := fmt.Sprintf("%.1f kB", kB(p.budget))
		b.table.add(row{
			"Widget: " + p.name + ", gzipped", fmt.Sprintf("%.2f kB", kB(most)), budget, within(most <= p.budget),
		})
	}
	return nil
}

func kB(n int) float64 { return float64(n) / 1000 }

// zipped is a file's size as zlib makes it at its best, like the builds' own figures: Go's gzip is another
// program and comes out some bytes larger.
func zipped(path string) (int, error) {
	const script = `process.stdout.write(String(require('zlib').gzipSync(require('fs').readFileSync(process.argv[1]), {level: 9}).length))`
	out, err := exec.Command("node", "-e", script, path).Output()
	if err != nil {
		if _, missing := os.Stat(path); missing != nil {
			return 0, missing
		}
		return 0, fmt.Errorf("node: %w", err)
	}
	return strconv.Atoi(string(out))
}

// part is one entry of Vite's manifest.
type part struct {
	File           string
	CSS            []string
	Imports        []string
	DynamicImports []string
	IsEntry        bool
}

// firstLoads gives what opening each view fetches: the page, its script, and the parts on the way to the
// view with all that they import. The start page is "".
func firstLoads(dist string) (map[string]int, error) {
	text, err := os.ReadFile(filepath.Join(dist, ".vite/manifest.json"))
	if err != nil {
		return nil, err
	}
	var manifest map[string]part
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, err
	}
	var collect func(key string, into map[string]bool)
	collect = func(key string, into map[string]bool) {
		p := manifest[key]
		if p.File == "" || into[p.File] {
			return
		}
		into[p.File] = true
		for _, c := range p.CSS {
			into[c] = true
		}
		for _, i := range p.Imports {
			collect(i, into)
		}
	}
	weights := map[string]int{}
	views := map[string]int{}
	var weigh func(name string, files map[string]bool, later []string) error
	weigh = func(name string, files map[string]bool, later []string) error {
		for f := range files {
			if weights[f] == 0 {
				if weights[f], err = zipped(filepath.Join(dist, f)); err != nil {
					return err
				}
			}
			views[name] += weights[f]
		}
		for _, key := range later {
			next := maps.Clone(files)
			collect(key, next)
			if len(next) == len(files) || strings.Count(name, " + ") > 8 {
				continue
			}
			short := strings.TrimSuffix(filepath.Base(key), filepath.Ext(key))
			if name != "" {
				short = name + " + " + short
			}
			if _, done := views[short]; done {
				continue
			}
			if err := weigh(short, next, manifest[key].DynamicImports); err != nil {
				return err
			}
		}
		return nil
	}
	for key, p := range manifest {
		if p.IsEntry {
			files := map[string]bool{"index.html": true}
			collect(key, files)
			if err := weigh("", files, p.DynamicImports); err != nil {
				return nil, err
			}
			return views, nil
		}
	}
	return nil, errors.New("the dashboard's build has no entry")
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const chromiumFlags = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run " +
	"--disable-background-networking --disable-component-update --disable-sync"

// report is the part of Lighthouse's answer that is used.
type report struct {
	LighthouseVersion string
	RuntimeError      struct{ Message string }
	Categories        map[string]struct {
		Score     *float64
		AuditRefs []struct {
			ID     string
			Weight float64
		}
	}
	Audits map[string]struct {
		Score        *float64
		DisplayValue string
		NumericValue float64
		Details      struct{ Items json.RawMessage } // a shape of its own for each audit
	}
}

// lighthouse rates the dashboard's public pages, and watches what the widget does to a customer's page.
func (b *bench) lighthouse(ctx context.Context) error {
	const folder = "infra/bench"
	tool := filepath.Join(b.root, folder, "node_modules/.bin/lighthouse")
	lock, _ := os.Stat(filepath.Join(b.root, folder, "package-lock.json"))
	have, err := os.Stat(filepath.Join(b.root, folder, "node_modules/.package-lock.json"))
	if err != nil || lock == nil || have.ModTime().Before(lock.ModTime()) {
		install := exec.CommandContext(
			ctx, "npm", "ci", "--prefix", folder, "--loglevel=error", "--no-progress", "--ignore-scripts",
		)
		if out, err := install.CombinedOutput(); err != nil {
			return fmt.Errorf("lighthouse could not be installed: %w: %.500s", err, out)
		}
	}
	if out, err := exec.CommandContext(ctx, "make", "build", ".build/chromium").CombinedOutput(); err != nil {
		return fmt.Errorf("make build .build/chromium: %w: %.500s", err, out)
	}
	chromium, err := os.ReadFile(".build/chromium")
	if err != nil {
		return err
	}
	l, err := b.startLocal(ctx, 4, ".build/local")
	if err != nil {
		return err
	}
	defer l.stop()
	once := func(address string) (*report, error) {
		file := filepath.Join(b.dir, "lighthouse.json")
		ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(
			ctx, tool, address, "--quiet", "--output=json", "--output-path="+file, "--chrome-flags="+chromiumFlags,
		)
		cmd.Env = append(os.Environ(), "CHROME_PATH="+strings.TrimSpace(string(chromium)))
		cmd.WaitDelay = time.Second
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("lighthouse %s: %w: %.500s", address, err, out)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var r report
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, err
		}
		if r.RuntimeError.Message != "" {
			return nil, errors.New(r.RuntimeError.Message)
		}
		return &r, nil
	}
	// On a busy machine the browser's trace may lack its beginning; Lighthouse itself asks to be run again.
	run := func(address string) (r *report, err error) {
		for range 3 {
			if r, err = once(address); err == nil || ctx.Err() != nil {
				break
			}
		}
		return r, err
	}
	for _, path := range []string{"/", "/login", "/register", "/cookies", "/privacy"} {
		if err := b.rate(path, func() (*report, error) { return run(l.origin + path) }); err != nil {
			return err
		}
	}
	key, err := l.site(ctx)
	if err != nil {
		return err
	}
	r, err := run(l.demo + "/?site=" + key)
	if err != nil {
		return err
	}
	return b.guest(r, l.origin)
}

var categories = []string{"performance", "accessibility", "best-practices", "seo"}

// rate adds a page's scores. Performance is a measurement on a machine that does other things too: under
// its budget it is measured twice more, and the median counts.
func (b *bench) rate(path string, run func() (*report, error)) error {
	scores := map[string][]float64{}
	runs, planned := 0, 1
	var causes []string
	for runs < planned {
		r, err := run()
		if err != nil {
			return err
		}
		runs++
		b.versions = append(b.versions, "Lighthouse "+r.LighthouseVersion)
		low := false
		for _, c := range categories {
			score := r.Categories[c].Score
			if score == nil {
				return fmt.Errorf("%s: no score for %s", path, c)
			}
			scores[c] = append(scores[c], *score*100)
			low = low || *score < 0.95
		}
		causes = r.lost()
		if low {
			planned = 3
		}
	}
	var figure []string
	good := true
	for _, c := range categories {
		m := median(scores[c])
		good = good && m >= 95
		figure = append(figure, fmt.Sprintf("%s %.0f", strings.ReplaceAll(c, "-", " "), m))
	}
	text := strings.Join(figure, ", ")
	if runs > 1 {
		text += fmt.Sprintf(" (medians of %d)", runs)
	}
	if !good {
		text += "; the last lost by " + strings.Join(causes, ", ")
	}
	b.table.add(row{"Lighthouse: " + path, text, "95 in each", within(good)})
	return nil
}

// lost names what a page's scores were lowered by.
func (r *report) lost() (out []string) {
	for _, c := range categories {
		for _, ref := range r.Categories[c].AuditRefs {
			a := r.Audits[ref.ID]
			if ref.Weight > 0 && a.Score != nil && *a.Score < 0.9 {
				out = append(out, strings.TrimSpace(ref.ID+" "+strings.ReplaceAll(a.DisplayValue, "\u00a0", " ")))
			}
		}
	}
	return out
}

// guest looks at a customer's page with the widget on it, not opened.
func (b *bench) guest(r *report, origin string) error {
	shift := r.Audits["cumulative-layout-shift"]
	var requests []struct{ URL string }
	if err := json.Unmarshal(r.Audits["network-requests"].Details.Items, &requests); err != nil {
		return err
	}
	if len(requests) == 0 || shift.Score == nil {
		return errors.New("lighthouse says nothing of the demo site's requests or layout")
	}
	var loaded []string
	good := false
	extra := false
	for _, q := range requests {
		path, ours := strings.CutPrefix(q.URL, origin)
		if !ours {
			continue
		}
		switch {
		case path == "/widget.js":
			good = true
		case strings.HasPrefix(path, "/v1/widget/"):
			path = "configuration"
		case path == "/v1/events": // the beacon of the impression
			path = "beacon"
		default:
			extra = true
		}
		if !slices.Contains(loaded, path) {
			loaded = append(loaded, path)
		}
	}
	b.table.add(row{
		"Widget: fetched before it is opened", strings.Join(loaded, ", "), "the loader and its configuration",
		within(good && !extra),
	})
	b.table.add(row{
		"Widget: layout shift on the customer's page", fmt.Sprintf("%.3f", shift.NumericValue), "0",
		within(shift.NumericValue == 0),
	})
	return nil
}

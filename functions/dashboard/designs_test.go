package main

import (
	"strings"
	"testing"
)

// Two people with the same page open: the second is told, and nothing of the first is lost. What was before comes back.
func TestDesignIsChangedFromTheNewest(t *testing.T) {
	f := start(t)
	site := f.Site(f.pat.Account, "Shop", "Europe/London", "https://shop.example")
	path := "/v1/sites/" + string(site.ID) + "/widget"
	a := f.as(f.pat, "GET", path, nil)
	if a.Status != 200 || a.JSON()["previous"] != nil {
		t.Fatal(a.Status, a.Body)
	}
	first := a.JSON()["design"].(map[string]any)
	first["colour"] = "#AA2200"
	a = f.as(f.pat, "PUT", path, first)
	saved, _ := a.JSON()["design"].(map[string]any)
	if a.Status != 200 || saved["colour"] != "#aa2200" || saved["version"] != 1.0 {
		t.Fatal(a.Status, a.Body)
	}
	if a := f.as(f.pat, "PUT", path, first); a.Status != 409 {
		t.Errorf("an older version: %d %s", a.Status, a.Body)
	}
	undo := a.JSON()["previous"].(map[string]any)
	undo["version"] = saved["version"]
	a = f.as(f.pat, "PUT", path, undo)
	if got := a.JSON()["design"].(map[string]any); a.Status != 200 || got["colour"] != "#0f766e" || got["version"] != 2.0 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if log := f.as(f.pat, "GET", "/v1/audit", nil); strings.Count(log.Body, `"site.widget"`) != 2 {
		t.Errorf("the log: %s", log.Body)
	}
	first["colour"] = "red"
	if a := f.as(f.pat, "PUT", path, first); a.Status != 400 || !strings.Contains(a.Body, `"colour"`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := f.as(f.pat, "POST", path+"/preview", undo); a.Status != 200 ||
		!strings.Contains(a.Body, `"enough":true`) || !strings.Contains(a.Body, "--accent:#0f766e") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// under returns the same function with other versions of the token key, as after a rotation.
func (f *fixture) under(ring string) *fixture {
	links := token.NewLinks([]byte(ring))
	again := *f
	again.Client = f.Serve(
		lambdahttp.HTTP(app(f.Logger(), f.DB, links, f.Book, apitest.Origin, web.NewCDN(cdnKey), f.Clock.Now)),
	)
	return &again
}

var (
	second  = strings.Repeat("2", 32)
	both    = fmt.Sprintf(`{"current":2,"keys":{"1":%q,"2":%q}}`, apitest.Key, second)
	dropped = fmt.Sprintf(`{"current":2,"keys":{"2":%q}}`, second)
)

// A visitor's link, and a request that is sent again, are good while the key is replaced. Once the old version
// is dropped its links are refused in words, and never answered by a fault.
func TestAVisitorsLinkOutlivesARotation(t *testing.T) {
	f := start(t)
	key := f.key()
	first := f.create(f.body(nil), key, nil)
	link := f.tokenOf(first)
	rotated := f.under(both)
	if a := rotated.own("GET", link, nil); a.Status != 200 {
		t.Errorf("after the rotation: %d %s", a.Status, a.Body)
	}
	again := rotated.create(f.body(nil), key, nil)
	if again.Text("id") != first.Text("id") || f.Count("CALLBACKS_TABLE") != 1 {
		t.Errorf("the request sent again under the new version is another one: %d %s", again.Status, again.Body)
	}
	if a := rotated.create(f.body(map[string]any{"name": "Other"}), key, nil); a.Status != 422 {
		t.Errorf("the key used for something else: %d", a.Status)
	}
	fresh := f.tokenOf(again)
	if fresh == link {
		t.Error("the new version does not sign")
	}
	old := f.under(dropped)
	for _, method := range []string{"GET", "DELETE"} {
		if a := old.own(method, link, nil); a.Status != 400 || a.Code() != "link-ended" {
			t.Errorf("%s after the old version was dropped: %d %s", method, a.Status, a.Body)
		}
	}
	if a := old.own("PATCH", link, map[string]any{"status": "cancelled"}); a.Status != 400 || a.Code() != "link-ended" {
		t.Errorf("PATCH after the old version was dropped: %d %s", a.Status, a.Body)
	}
	if a := old.own("GET", fresh, nil); a.Status != 200 {
		t.Errorf("a link of the new version: %d %s", a.Status, a.Body)
	}
	if f.Count("CALLBACKS_TABLE") != 1 {
		t.Error("a refused link has changed something")
	}
}

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// from is the header of a visitor with an address of their own.
func from(address string) map[string]string {
	return map[string]string{"cloudfront-viewer-address": address + ":4711"}
}

// A visitor has 7 requests in a quarter of an hour, 9 in an hour and 15 in a day, whatever the number of them at
// once; the rest of the world has its own, and what was stored is answered again without being counted.
func TestOneVisitorCannotFillTheInbox(t *testing.T) {
	f := start(t)
	flooder, stored := from("203.0.113.7"), 0
	var keys []string
	try := func() int {
		key := f.key()
		a := f.create(f.body(nil), key, flooder)
		switch {
		case a.Status == 201:
			stored++
			keys = append(keys, key)
		case a.Status != 429 || a.Code() != "limit" || a.Header["retry-after"] == "" ||
			!strings.Contains(a.Text("detail"), "We already have several requests from you"):
			t.Fatal(a.Status, a.Header, a.Body)
		}
		return a.Status
	}
	for range 10 {
		try()
	}
	if stored != 7 {
		t.Errorf("%d in the first quarter of an hour, not 7", stored)
	}
	for _, other := range []string{"203.0.113.8", "198.51.100.7", "2001:db8:1:2::1"} {
		if a := f.create(f.body(nil), f.key(), from(other)); a.Status != 201 {
			t.Errorf("%s is shut out by another: %d %s", other, a.Status, a.Body)
		}
	}
	if a := f.create(f.body(nil), keys[0], flooder); a.Status != 201 {
		t.Errorf("sent again: %d %s", a.Status, a.Body)
	}
	f.Clock.Forward(16 * time.Minute)
	for range 10 {
		try()
	}
	if stored != 9 {
		t.Errorf("%d in the first hour, not 9", stored)
	}
	for range 22 {
		f.Clock.Forward(time.Hour)
		try()
	}
	if stored != 15 {
		t.Errorf("%d in the first day, not 15", stored)
	}
	if dump := f.Dump(); strings.Contains(strings.ReplaceAll(dump, "10.", ""), "203.0.113") {
		t.Error("a visitor's address is stored")
	}
}

// Nobody has a business call a list of strangers.
func TestThreeNumbersAnHour(t *testing.T) {
	f := start(t)
	me := from("203.0.113.9")
	for n, want := range []int{201, 201, 201, 429, 429} {
		number := f.Private("number of a list", fmt.Sprintf("07700 90020%d", n))
		if a := f.create(f.body(map[string]any{"phone": number}), f.key(), me); a.Status != want {
			t.Errorf("number %d: %d %s", n, a.Status, a.Body)
		}
	}
	if a := f.create(f.body(map[string]any{"phone": "07700 900200"}), f.key(), me); a.Status != 201 {
		t.Errorf("a number that was counted: %d %s", a.Status, a.Body)
	}
	if marks := f.Dump(); strings.Contains(marks, "L#callback-number#+44") {
		t.Error("a number stands in a key")
	}
}

// A /48 has 65,536 networks of /64; asking from each is no way around.
func TestManyNetworksOfOneCustomer(t *testing.T) {
	f := start(t)
	stored := 0
	for n := range 300 {
		if f.create(f.body(nil), f.key(), from(fmt.Sprintf("2001:db8:5:%x::1", n%256))).Status == 201 {
			stored++
		}
	}
	if stored != 240 { // four times 60
		t.Errorf("%d of 300", stored)
	}
}

// A page of another origin is none of the site's: its address is not shown to the business as a link.
func TestAPageOfAnotherSiteIsDropped(t *testing.T) {
	f := start(t)
	for page, want := range map[string]string{
		"https://evil.example/boilers": "/boilers", shop + "/boilers": shop + "/boilers", "/boilers": "/boilers",
		"https://shop.example.evil.example/x": "/x",
	} {
		a := f.create(f.body(map[string]any{"page": page}), f.key(), nil)
		if a.Status != 201 {
			t.Fatal(a.Status, a.Body)
		}
		found := false
		for _, i := range f.Items("CALLBACKS_TABLE") {
			if i["sk"] == a.Text("id") {
				found = i["page"] == want
			}
		}
		if !found {
			t.Errorf("%s is not stored as %s", page, want)
		}
	}
}

// What shows nothing is no name, and a number with an extension is not cut.
func TestNamesAndNumbersThatAreNone(t *testing.T) {
	f := start(t)
	for body, field := range map[string]string{
		`"name": "\u200b\u200d\u2060"`: "name", `"name": "\u0301\u0302"`: "name", `"name": "\u3164"`: "name",
		`"name": "\u2800"`: "name", `"name": null`: "name",
		`"phone": "+881612345678"`: "phone", `"phone": "020 7946 0000 ext 5"`: "phone",
	} {
		whole := f.body(nil)
		delete(whole, field)
		text := fmt.Sprintf(`{"site": %q, "page": "/x", %s`, f.site.Key, body)
		if field == "name" {
			text += `, "phone": "07700 900123"}`
		} else {
			text += `, "name": "Vera Visitor"}`
		}
		if a := f.create(text, f.key(), nil); a.Status != 400 || a.Fields() != field {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
}

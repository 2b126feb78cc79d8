package main

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/keyring"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/webpush"
)

var testPushes = func() pushes {
	keys, err := webpush.OpenKeys(keyring.Fixed(apitest.Key))
	if err != nil {
		panic(err)
	}
	return pushes{keys, webpush.Browsers}
}()

type pushed struct {
	PublicKey string
	Devices   []struct {
		ID, Device, CreatedAt string
		Current               bool
	}
}

func (f *fixture) pushDevices(bearer string) (out pushed) {
	f.T.Helper()
	a := f.Do(apitest.Request{Method: "GET", Path: "/v1/push", Bearer: bearer})
	if a.Status != 200 || strings.Contains(a.Body, "googleapis") {
		f.T.Fatalf("%d %s", a.Status, a.Body)
	}
	a.Into(f.T, &out)
	return out
}

// subscribed is what a browser gives; each name is another browser.
func (f *fixture) subscribed(name string) fields {
	f.T.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		f.T.Fatal(err)
	}
	_, public, err := testPushes.keys.Current()
	if err != nil {
		f.T.Fatal(err)
	}
	b64 := base64.RawURLEncoding
	return fields{
		"endpoint": f.Private("push address", "https://fcm.googleapis.com/fcm/send/"+name),
		"p256dh":   b64.EncodeToString(key.PublicKey().Bytes()), "auth": b64.EncodeToString(make([]byte, 16)),
		"publicKey": public,
	}
}

func (f *fixture) turnOn(bearer, name string) apitest.Answer {
	f.T.Helper()
	return f.Do(apitest.Request{
		Method: "POST", Path: "/v1/push", Bearer: bearer, Body: f.subscribed(name),
		Header: map[string]string{"user-agent": firefox},
	})
}

func (f *fixture) mustTurnOn(bearer, name string) {
	f.T.Helper()
	if a := f.turnOn(bearer, name); a.Status != 200 {
		f.T.Fatalf("%s: %d %s", name, a.Status, a.Body)
	}
}

func TestNotificationsOnADevice(t *testing.T) {
	f := start(t)
	p, eve := f.Person("pat@example.com"), f.Person("eve@example.com")
	f.mustTurnOn(p.Token.Text, "one")
	f.mustTurnOn(p.Token.Text, "one") // renewed
	list := f.pushDevices(p.Token.Text)
	if len(list.Devices) != 1 || list.Devices[0].Device != "Firefox on Linux" || !list.Devices[0].Current {
		t.Fatalf("%+v", list)
	}
	if _, public, _ := testPushes.keys.Current(); list.PublicKey != public {
		t.Error(list.PublicKey)
	}
	id := list.Devices[0].ID
	off := func(bearer string) int {
		return f.Do(apitest.Request{Method: "DELETE", Path: "/v1/push/" + id, Bearer: bearer}).Status
	}
	if len(f.pushDevices(eve.Token.Text).Devices) != 0 || off(eve.Token.Text) != 404 {
		t.Error("another's device")
	}
	if first, second := off(p.Token.Text), off(p.Token.Text); first != 204 || second != 404 {
		t.Error(first, second)
	}
	audited := map[string]int{}
	for _, i := range f.Items("AUDIT_TABLE") {
		if action := i["action"].(string); strings.HasPrefix(action, "notifications.") {
			audited[fmt.Sprint(action, " ", i["target"])]++
		}
	}
	if fmt.Sprint(audited) != "map[notifications.off Firefox on Linux:1 notifications.on Firefox on Linux:1]" {
		t.Error(audited)
	}
	for n := range connect.MaxPushDevices {
		f.mustTurnOn(p.Token.Text, fmt.Sprint("many", n))
	}
	if a := f.turnOn(p.Token.Text, "one too many"); a.Status != 409 || a.Code() != "too-many-devices" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	f.mustTurnOn(p.Token.Text, "many3") // which is there
}

func TestWhatNoBrowserGives(t *testing.T) {
	f := start(t)
	p := f.Person("pat@example.com")
	before := f.Dump()
	for field, value := range map[string]string{
		"endpoint": "https://169.254.169.254/latest/meta-data", "p256dh": "AAAA", "auth": "AAAA", "publicKey": "AAAA",
	} {
		body := f.subscribed("one")
		body[field] = value
		a := f.Do(apitest.Request{Method: "POST", Path: "/v1/push", Bearer: p.Token.Text, Body: body})
		if a.Status != 400 || !strings.Contains(a.Body, `"`+field+`"`) {
			t.Errorf("%s: %d %s", field, a.Status, a.Body)
		}
	}
	if f.Dump() != before {
		t.Error("something was stored")
	}
}

// A device ends with the login that it was turned on in, whatever ends that one, and not when that one expires.
func TestADeviceEndsWithItsLogin(t *testing.T) {
	f := start(t)
	p := f.Person("pat@example.com")
	do := func(method, path, bearer string, body any) {
		t.Helper()
		if a := f.Do(apitest.Request{Method: method, Path: path, Bearer: bearer, Body: body}); a.Status != 204 {
			t.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
		}
	}
	left := func(bearer, want string) {
		t.Helper()
		got := ""
		for _, d := range f.pushDevices(bearer).Devices {
			for _, name := range []string{"first", "second", "third", "fourth"} {
				if d.ID == webpush.DeviceID("https://fcm.googleapis.com/fcm/send/"+name) {
					got += name + " "
				}
			}
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%q is on, want %q", got, want)
		}
	}
	first := p.Token.Text
	login := func(name string) string {
		f.Clock.Forward(time.Minute)
		bearer := f.login(p)
		f.mustTurnOn(bearer, name)
		return bearer
	}
	f.mustTurnOn(first, "first")
	second := login("second")
	third := login("third")
	left(first, "third second first")
	do("POST", "/v1/logout", second, nil)
	left(first, "third first")
	do("DELETE", "/v1/sessions", first, nil)
	left(first, "first")
	_ = third
	login("fourth")
	left(first, "fourth first")
	do("PUT", "/v1/password", first, fields{
		"current": p.Password, "password": f.Private("password", "another horse battery"),
	})
	left(first, "first")
	// A login expires, and what it turned on stays on until the next one renews it.
	f.Clock.Forward(connect.SessionLife)
	p.Password = "another horse battery"
	again := f.login(p)
	if list := f.pushDevices(again); len(list.Devices) != 1 || list.Devices[0].Current {
		t.Errorf("%+v", list)
	}
	f.mustTurnOn(again, "first")
	if list := f.pushDevices(again); len(list.Devices) != 1 || !list.Devices[0].Current {
		t.Errorf("%+v", list)
	}
	do("POST", "/v1/logout", again, nil)
	left(f.login(p), "")
	f.mustTurnOn(f.login(p), "first")
	f.Clock.Forward(connect.PushDeviceLife)
	last := f.login(p)
	left(last, "")
	// The write that changes a password ends them by itself, where the function goes no further.
	login("second")
	f.Clock.Forward(time.Minute)
	dying := store.OpenThrough(func(name string) string { return f.Env[name] }, &apitest.Dying{At: 2})
	change := store.PasswordChange{User: p.Token.User, New: "a hash"}
	if err := store.Credentials(dying).ChangePassword(t.Context(), change, f.Clock.Now()); err == nil {
		t.Fatal("it did not end there")
	}
	if devices, err := f.Store.PushDevices(t.Context(), p.Token.User, f.Clock.Now()); err != nil || len(devices) != 0 {
		t.Error(devices, err)
	}
}

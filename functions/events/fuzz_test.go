package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func FuzzBeacon(f *testing.F) {
	for _, s := range []string{
		`{"site":"k_0123456789","session":"abcdefghijklmnopqrstuv","page":"/","sent":5,"events":[{"type":"open","t":1}]}`,
		`{"site":"k","session":"abcdefghijklmnopqrstuv","page":"/","sent":1e999,"events":[{"type":"submit","t":1e308},{"type":"impression","t":-0}]}`,
		`{"site":"k","session":"abcdefghijklmnopqrstuv","page":"/","events":[{"type":"open","t":-1e999}]}`,
		`{"events":null}`, `null`, `[]`, `{}{}`, `{"sent":"1"}`, `{"events":[{"t":true}]}`, `{"SITE":"k"}`, "\ufeff{}",
		`{"page":"\ud800"}`, `{"events":[{"type":"open","t":1e-999}]}`,
	} {
		f.Add([]byte(s))
	}
	now := time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		var in beacon
		if err := web.Decode(httptest.NewRequest("POST", "/", bytes.NewReader(body)), &in, maxBody); err != nil {
			if connect.KindOf(err) != connect.Invalid && connect.KindOf(err) != connect.TooLarge {
				t.Errorf("%s: %v", body, err)
			}
			return
		}
		if len(body) > maxBody || !json.Valid(body) {
			t.Errorf("taken: %.100s", body)
		}
		v, age, err := in.visit()
		if err != nil {
			if connect.KindOf(err) != connect.Invalid {
				t.Errorf("%s: %v", body, err)
			}
			return
		}
		if v.Reached < connect.Impression || v.Reached > connect.Submit || age < 0 || age > 24*time.Hour ||
			len(v.ID) != 22 || !strings.HasPrefix(v.Page, "/") || len(v.Page) > 200 || len(v.Referrer) > 100 {
			t.Errorf("%s: %+v, %v", body, v, age)
		}
		v.Begin(now, age, time.UTC)
		if v.Hour > connect.HourOf(now) || !v.ExpiresAt.After(now) || v.ExpiresAt.Sub(now) > connect.VisitLife {
			t.Errorf("%s: %v", body, v.Hour)
		}
	})
}

package connect

import (
	"strings"
	"testing"
	"time"
)

func TestCleanPage(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"https://example.com/pricing", "/pricing"},
		{"https://example.com", "/"},
		{"https://user:pw@example.com/a?b=c#d", "/a"},
		{"/contact?email=jo@example.com", "/contact"},
		{"/", "/"},
		{"", "/"},
		{"pricing", "/pricing"},
		{"/a//b/../c/", "/a/b/c"},
		{"/users/jo@example.com/edit", "/users/*/edit"},
		{"/users/jo%40example.com/edit", "/users/*/edit"},
		{"/users/jo%2540example.com", "/users/*"},
		{"/order/123456", "/order/*"},
		{"/order/12345", "/order/12345"},
		{"/call/07700-900-123", "/call/*"},
		{"/call/+44 (0)7700 900123", "/call/*"},
		{"/call/%2B447700900123", "/call/*"},
		{"/reset/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0", "/reset/*"},
		{"/i/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/i/*"},
		{"/i/9f86d081884c7d659a2feaa0c55ad015", "/i/*"},
		{"/blog/how-to-choose-a-boiler-for-a-small-house", "/blog/how-to-choose-a-boiler-for-a-small-house"},
		{"/shop;jsessionid=1A2B3C/item", "/shop/item"},
		{"/a%3Fname=Jo", "/a"},
		{"/bad%zz/jo@example.com", "/bad%zz/*"},
		{"/nul%00", "/*"},
		{"/\xff", "/*"},
		{"/rtl\u202e", "/*"},
	} {
		if got := CleanPage(c.in); got != c.want {
			t.Errorf("CleanPage(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := CleanPage("/" + strings.Repeat("a/", 5000)); len(got) > maxPage {
		t.Errorf("a long page keeps %d bytes", len(got))
	}
}

func TestCleanSource(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"www.Google.com", "google.com"}, {"https://news.example.org/a?b=c", "news.example.org"},
		{"spring_sale", "spring_sale"}, {"localhost:3000", "localhost:3000"},
		{"jo@example.com", "other"}, {"07700900123", "other"}, {"a b", "other"}, {"<script>", "other"},
		{strings.Repeat("a", 65), "other"}, {"9f86d081884c7d659a2feaa0c55ad015", "other"},
	} {
		if got := CleanReferrer(c.in); got != c.want {
			t.Errorf("CleanSource(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestAVisitNeverOutlivesSixHours(t *testing.T) {
	for _, name := range []string{
		"Europe/London", "America/St_Johns", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Adelaide", "Australia/Lord_Howe",
		"Pacific/Chatham",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		expiry := map[Hour]map[int64]bool{}
		// Every minute of the days around each change of clocks.
		for now := time.Date(2026, 1, 1, 0, 0, 59, 0, time.UTC); now.Year() == 2026; now = now.Add(time.Minute) {
			if _, a := now.Add(-24 * time.Hour).In(zone).Zone(); now.Day() != 1 {
				if _, b := now.Add(24 * time.Hour).In(zone).Zone(); a == b {
					now = now.Add(11 * time.Hour)
					continue
				}
			}
			for _, age := range []time.Duration{
				-time.Hour, 0, 7 * time.Minute, time.Hour, 5 * time.Hour, 6 * time.Hour, 1 << 62,
			} {
				v := Visit{}
				v.Begin(now, age, zone)
				if e := v.ExpiresAt; !e.After(now) || e.Sub(now) > VisitLife {
					t.Fatalf("%s, %v, age %v: expires %v", name, now, age, e)
				}
				if age >= 0 && age < time.Hour && v.Hour != Hour(now.Add(-age).In(zone).Format("2006-01-02T15")) {
					t.Fatalf("%s, %v, age %v: hour %s", name, now, age, v.Hour)
				}
				if expiry[v.Hour] == nil {
					expiry[v.Hour] = map[int64]bool{}
				}
				expiry[v.Hour][v.ExpiresAt.Unix()] = true
			}
		}
		for h, ends := range expiry {
			if len(ends) != 1 {
				t.Errorf("%s: visits of %s end at %d times: that tells more than the hour", name, h, len(ends))
			}
		}
	}
}

func TestHoursThatNoClockShowed(t *testing.T) {
	for _, c := range []struct {
		zone string
		hour Hour
		want bool
	}{
		{"Europe/London", "2026-03-29T00", true}, {"Europe/London", "2026-03-29T01", false},
		{"Europe/London", "2026-03-29T02", true},
		{"Europe/London", "2026-10-25T01", true}, {"Australia/Lord_Howe", "2026-10-04T02", true},
		{"America/Santiago", "2026-09-06T00", false},
		{"Pacific/Apia", "2011-12-30T12", false}, {"Asia/Kathmandu", "2026-03-29T01", true},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.hour.In(zone); got != c.want {
			t.Errorf("%s in %s: %v", c.hour, c.zone, got)
		}
	}
}

func TestIsBot(t *testing.T) {
	for ua, want := range map[string]bool{
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                  true,
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/126.0":                  true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36":     false,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0 Safari/537.36": false,
		"": false,
		"Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 Chrome/79.0 Mobile Safari/537.36": false,
		"Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20 PRO) AppleWebKit/537.36 Chrome/126.0 Mobile":     false,
		"Mozilla/5.0 (Linux; Android 10; Cubot) AppleWebKit/537.36 Chrome/126.0 Mobile":                 false,
		"Mozilla/5.0 (Linux; Android 9; CUBOT) (compatible; AdsBot-Google-Mobile)":                      true,
		"Mozilla/5.0 (compatible; Focusbot/1.0)":                                                        true,
		"Mozilla/5.0 (compatible; acubot/1.0)":                                                          true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Bottomline/1.0":                             false,
		"Bottomline/1.0 (X11; Linux x86_64)":                                                            true,
		"Mozilla/5.0 (compatible)":                                                                      true,
		"Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Camscanner Safari":                                   false,
		"Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Sitescanner Safari":                                  true,
		"some-bot": true, "Robots": true, "curl bot": true, "AhrefsBot/7.0": true, "Slackbot-LinkExpanding 1.0": true,
		"TelegramBot (like TwitterBot)": true,
	} {
		if IsBot(ua) != want {
			t.Errorf("IsBot(%q) = %v", ua, !want)
		}
	}
}

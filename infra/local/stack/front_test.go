package stack_test

import (
	"context"
	"encoding/json"
	"net/smtp"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/infra/local/stack"
)

func TestPagesAsBehindTheCDN(t *testing.T) {
	root := project(t)
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data")})
	if resp, body := request(t, "GET", s.Origin+"/sites", ""); resp.StatusCode != 503 ||
		!strings.Contains(body, "make build") {
		t.Errorf("nothing built: %d %s", resp.StatusCode, body)
	}
	script := strings.Repeat("console.log('x');\n", 200)
	write(t, root, "dashboard/dist/index.html", "<title>app</title>")
	write(t, root, "dashboard/dist/assets/app-Ab12Cd34.js", script)
	write(t, root, "widget/dist/widget.js", "widget")
	write(t, root, "widget/dist/widget/panel-ABCDEFGH.js", script)
	for _, c := range []struct{ path, kind, cache, body, header, value string }{
		{"/", "text/html; charset=utf-8", "no-cache", "<title>app</title>", "Content-Security-Policy", "default-src 'self'"},
		{"/sites/7?x=1", "text/html; charset=utf-8", "no-cache", "<title>app</title>", "X-Frame-Options", "DENY"},
		{
			"/assets/app-Ab12Cd34.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", script,
			"Content-Security-Policy", "default-src 'self'",
		},
		{"/widget.js", "text/javascript; charset=utf-8", "no-cache", "widget", "Access-Control-Allow-Origin", "*"},
		{
			"/widget/panel-ABCDEFGH.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", script,
			"X-Content-Type-Options", "nosniff",
		},
	} {
		resp, body := request(t, "GET", s.Origin+c.path, "", "Accept-Encoding", "identity", "Origin", "https://shop.example")
		h := resp.Header
		if resp.StatusCode != 200 || body != c.body || h.Get("Content-Type") != c.kind ||
			h.Get("Cache-Control") != c.cache || h.Get(c.header) != c.value {
			t.Errorf("%s: %d %v", c.path, resp.StatusCode, h)
		}
		if h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s asks for TLS", c.path)
		}
		if again, _ := request(
			t, "GET", s.Origin+c.path, "", "If-None-Match", h.Get("ETag"), "Accept-Encoding", "identity",
		); again.StatusCode != 304 {
			t.Errorf("%s again: %d", c.path, again.StatusCode)
		}
	}
	resp, body := request(t, "GET", s.Origin+"/assets/app-Ab12Cd34.js", "", "Accept-Encoding", "br, gzip")
	if resp.Header.Get("Content-Encoding") != "gzip" || len(body) >= len(script) ||
		resp.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("gzip: %v, %d bytes", resp.Header, len(body))
	}
	for path, want := range map[string]int{
		"/missing.js": 404, "/widget/missing.js": 404, "/../template.yaml": 404, "/%2e%2e/template.yaml": 404,
	} {
		if resp, body := request(t, "GET", s.Origin+path, ""); resp.StatusCode != want ||
			strings.Contains(body, "Transform") {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if resp, _ := request(t, "POST", s.Origin+"/sites", ""); resp.StatusCode != 403 {
		t.Errorf("POST to a page: %d", resp.StatusCode)
	}
}

func TestMailBox(t *testing.T) {
	root := project(t)
	o := stack.Options{Root: root, DataDir: filepath.Join(root, "data")}
	s, err := stack.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	_, body := request(t, "POST", s.Origin+"/_local/invoke/Front", `{}`)
	var direct struct{ Env map[string]string }
	if err := json.Unmarshal([]byte(body), &direct); err != nil {
		t.Fatal(err)
	}
	if resp, body := request(t, "GET", s.Origin+"/_local/mail", ""); strings.TrimSpace(body) != "[]" {
		t.Errorf("an empty box: %d %s", resp.StatusCode, body)
	}
	send := func(to, subject, link string) {
		text := "From: Mi <no-reply@example.com>\r\nTo: " + to + "\r\nSubject: =?utf-8?q?" + subject +
			"?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
			"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHello, see " +
			"=\r\n" +
			strings.ReplaceAll(
				link, "=", "=3D",
			) + ".\r\n<script>x</script>\r\n" +
			"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<a href=\"" + link +
			"\">x</a> <a href=\"https://h.example/?a=1&amp;b=2\">y</a>\r\n--b--\r\n"
		if err := smtp.SendMail(
			strings.TrimPrefix(direct.Env["MAIL_URL"], "smtp://"), nil, "no-reply@example.com", []string{to}, []byte(text),
		); err != nil {
			t.Fatal(err)
		}
	}
	send("a@example.com", "first=20one", "http://localhost/verify?token=t1")
	send("b@example.com", "second", "http://localhost/verify?token=t2")
	check := func(s *stack.Stack) {
		t.Helper()
		_, body := request(t, "GET", s.Origin+"/_local/mail", "")
		var mails []struct {
			ID, To, Subject, Text, HTML string
			Links                       []string
			At                          time.Time
		}
		if err := json.Unmarshal([]byte(body), &mails); err != nil || len(mails) != 2 {
			t.Fatalf("%s: %v", body, err)
		}
		m := mails[1]
		if mails[0].To != "b@example.com" || m.To != "a@example.com" || m.Subject != "first one" ||
			!strings.HasPrefix(m.Text, "Hello, see http") || m.HTML == "" || m.ID == "" ||
			time.Since(m.At) > time.Minute ||
			strings.Join(m.Links, " ") != "http://localhost/verify?token=t1 https://h.example/?a=1&b=2" {
			t.Errorf("mail %+v", m)
		}
		if _, body = request(t, "GET", s.Origin+"/_local/mail?to=A@example.com", ""); strings.Contains(body, "token=t2") ||
			!strings.Contains(body, "token=t1") {
			t.Errorf("?to=: %s", body)
		}
		resp, page := request(t, "GET", s.Origin+"/_local/mail", "", "Accept", "text/html,*/*")
		if !strings.Contains(page, `<a href="http://localhost/verify?token=t1">`) || strings.Contains(page, "<script>x") ||
			!strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("page %v\n%s", resp.Header, page)
		}
		frame := `src="/_local/mail/html?id=` + m.ID + `" sandbox="allow-popups allow-popups-to-escape-sandbox"`
		if !strings.Contains(page, frame) {
			t.Errorf("no %s in\n%s", frame, page)
		}
		resp, page = request(t, "GET", s.Origin+"/_local/mail/html?id="+m.ID, "", "Accept", "text/html,*/*")
		policy := resp.Header.Get("Content-Security-Policy")
		if page != m.HTML || !strings.Contains(policy, "default-src 'none'") ||
			!strings.Contains(policy, "sandbox allow-popups") ||
			strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") {
			t.Errorf("a mail's HTML: %q\n%s", policy, page)
		}
		if resp, _ := request(t, "GET", s.Origin+"/_local/mail/html?id=none", ""); resp.StatusCode != 404 {
			t.Errorf("no mail's HTML: %d", resp.StatusCode)
		}
	}
	check(s)
	s.Stop()
	check(localtest.StartWith(t, o))
}

func TestDemoSite(t *testing.T) {
	root := project(t)
	s := localtest.StartWith(t, stack.Options{Root: root, DataDir: filepath.Join(root, "data")})
	snippet := `<script async src="` + s.Origin + `/widget.js" data-site="k1"></script>`
	for _, path := range []string{"/", "/services", "/pricing", "/about", "/contact"} {
		resp, body := request(t, "GET", s.DemoOrigin+path+"?site=k1", "")
		if resp.StatusCode != 200 || !strings.Contains(body, snippet) ||
			!strings.Contains(body, `href="/pricing?site=k1"`) || resp.Header["Set-Cookie"] != nil {
			t.Errorf("%s: %d\n%s", path, resp.StatusCode, body)
		}
	}
	if _, body := request(t, "GET", s.DemoOrigin, ""); strings.Contains(body, "<script") ||
		!strings.Contains(body, "<code>"+s.DemoOrigin+"</code>") {
		t.Errorf("without a site:\n%s", body)
	}
	if _, body := request(
		t, "GET", s.DemoOrigin+`/?site=%22%3E%3Cimg%3E&consent=required`, "",
	); strings.Contains(body, "<img>") ||
		!strings.Contains(body, `data-consent="required"></script>`) {
		t.Errorf("a key of markup:\n%s", body)
	}
	resp, body := request(t, "GET", s.DemoOrigin+"/?site=k1&csp=strict", "")
	if !strings.Contains(body, snippet) ||
		!strings.Contains(
			resp.Header.Get("Content-Security-Policy"),
			"script-src "+s.Origin+"; style-src 'none'; connect-src "+s.Origin+"; require-trusted-types-for 'script'",
		) {
		t.Errorf("strict: %v", resp.Header)
	}
	if resp, _ := request(t, "GET", s.DemoOrigin+"/nowhere", ""); resp.StatusCode != 404 {
		t.Errorf("/nowhere: %d", resp.StatusCode)
	}
	if resp, _ := request(
		t, "GET", strings.Replace(s.DemoOrigin, "127.0.0.1", "localhost", 1)+"/pricing?site=k1", "",
	); resp.Header.Get("Location") != s.DemoOrigin+"/pricing?site=k1" {
		t.Errorf("by another name: %d %v", resp.StatusCode, resp.Header)
	}
}

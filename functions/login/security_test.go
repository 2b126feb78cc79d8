package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestADumpOfTheTablesIsOfNoUse(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	secret, codes := f.authenticator(b, p)
	f.passkey(b, p)
	f.Clock.Forward(time.Minute)
	body := credentials(p, p.Password)
	body["code"] = codes[0]
	token := b.post(caller{}, "/v1/login", body).text("token")
	secrets := append([]string{
		p.Password, p.Token.Text, token, strings.Split(token, ".")[1], secret, code(secret, f.Clock.Now()),
	}, codes...)
	for _, c := range codes {
		secrets = append(secrets, strings.ReplaceAll(c, "-", ""))
	}
	for path, purpose := range map[string]string{
		"/v1/password/forgot": connect.PurposeReset, "/v1/login/link": connect.PurposeLogin,
		"/v1/recovery": connect.PurposeRecover,
	} {
		b.post(caller{}, path, fields{"email": p.Email})
		link := f.ticket(purpose)
		secrets = append(secrets, link, strings.Split(link, ".")[1])
	}
	dump := f.Dump()
	for _, s := range secrets {
		if strings.Contains(strings.ToLower(dump), strings.ToLower(s)) {
			t.Errorf("a table holds %q", s)
		}
	}
	for _, i := range f.Items("AUDIT_TABLE") {
		for k, v := range i {
			if text, ok := v.(string); ok && strings.Contains(text, "203.0.113") {
				t.Errorf("the audit log's %s is %q", k, text)
			}
		}
	}
	fmt.Printf("security: %d tokens, codes, links and passwords sought in a dump of %d bytes: none found\n",
		len(secrets), len(dump))
}

func TestHostileText(t *testing.T) {
	f := start(t)
	for _, bad := range []string{
		"a\r\nBcc: eve@example.com", "a\x00b", "\u202egnp.exe", "a\u2028b", strings.Repeat("😀", 101), "\ufeffname",
	} {
		for _, field := range []string{"name", "company", "email"} {
			body := f.signUp("pat@example.com")
			body[field] = bad
			if a := f.post("/v1/register", body); a.Status != 400 {
				t.Errorf("%s %q: %d %s", field, bad, a.Status, a.Body)
			}
		}
	}
	// Text that is only hostile where it is written without care is kept as it is.
	for n, odd := range []string{
		`<img src=x onerror=alert(1)>`, `"; DROP TABLE`, "😀 Ltd", `{"level":"ERROR"}`, "=cmd|' /C calc'!A0",
	} {
		body := f.signUp(fmt.Sprintf("odd%d@example.com", n))
		body["name"] = odd
		if a := f.post("/v1/register", body); a.Status != 202 {
			t.Errorf("%q: %d %s", odd, a.Status, a.Body)
		}
	}
	for line := range strings.Lines(f.Logs.String()) {
		if !strings.HasPrefix(line, `{"timestamp"`) || strings.Contains(line, "onerror") || strings.Contains(line, "Bcc") {
			t.Errorf("a forged log line: %s", line)
		}
	}
}

package mail

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/mailbox"
)

const link = "https://connect.test/verify?token=a&b=c"

var letters = Letters{fstest.MapFS{
	"verify.txt": {Data: []byte(`Confirm {{.Name}} & more

Hello {{.Name}},
and so on. See https://ico.example/a-b, or
https://ico.example/a-b.

{{if .Nothing}}Not said.{{end}}

[Confirm "it"]({{.Origin}}/verify?token={{.Token}})

{{if .Nothing}}Never{{else}}Good{{"-"}}bye{{end}}.\
Kept line.

{{range .List}}{{.Name}} is {{.Age}}.{{end}}
`)},
	"layout.txt": {Data: []byte("{{.Body}}\n\n-- \n{{.Origin}}\n")},
	"layout.html": {Data: []byte(`<title>{{.Subject}}</title>{{.Body}}{{define "paragraph"}}<p>{{.Text}}</p>{{end}}` +
		`{{define "button"}}<a href="{{.Address}}">{{.Text}}</a>{{end}}` +
		`{{define "link"}}<a href="{{.Address}}">{{.Address}}</a>{{end}}`)},
}}

var values = Values{
	"Name": "<it>\n\n[Log in](https://evil.example)", "Nothing": "", "Origin": "https://connect.test", "Token": "a&b=c",
	"List": []Values{{"Name": "Ann", "Age": "1"}, {"Name": "<b>", "Age": "2"}},
}

func sample(t *testing.T, id, to string) Mail {
	t.Helper()
	m, err := letters.Write("verify", values)
	if err != nil {
		t.Fatal(err)
	}
	m.ID, m.To = id, to
	return m
}

func TestALetterIsBothTextAndHTML(t *testing.T) {
	m := sample(t, "o_1", "pat@example.com")
	if m.Subject != "Confirm <it> [Log in](https://evil.example) & more" {
		t.Errorf("subject %q", m.Subject)
	}
	const text = "Hello <it>\n\n[Log in](https://evil.example), and so on. " +
		"See https://ico.example/a-b, or https://ico.example/a-b.\n\n" +
		"Confirm \"it\":\n" + link + "\n\nGood-bye.\nKept line.\n\nAnn is 1.\n\n<b> is 2.\n\n-- \nhttps://connect.test\n"
	if m.Text != text {
		t.Errorf("%q, want\n%q", m.Text, text)
	}
	const ico = `<a href="https://ico.example/a-b">https://ico.example/a-b</a>`
	const markup = "<title>Confirm &lt;it&gt; [Log in](https://evil.example) &amp; more</title>" +
		"<p>Hello &lt;it&gt;\n\n[Log in](https://evil.example), and so on. See " + ico + ", or " + ico + ".</p>\n" +
		"<a href=\"https://connect.test/verify?token=a&amp;b=c\">Confirm &#34;it&#34;</a>\n<p>Good-bye.\nKept line.</p>\n" +
		"<p>Ann is 1.</p>\n<p>&lt;b&gt; is 2.</p>\n"
	if m.HTML != markup {
		t.Errorf("%q, want\n%q", m.HTML, markup)
	}
}

// A template that is not understood, or that names what nobody gave it, is no mail.
func TestATemplateAtFault(t *testing.T) {
	for _, source := range []string{
		"", "Subject {{.Missing}}\n\nText", "S\n\n{{.Missing}}", "S\n\n{{.List}}",
		"S\n\n{{range .Name}}x{{end}}", "S\n\na {{range .List}}x{{end}}",
		"S\n\n{{printf .Name}}", "S\n\n{{.Name.First}}", "S\n\n{{with .Name}}x{{end}}",
		"S\n\n{{.Name", "S\n\n{{if .Missing}}x{{end}}",
		"S\n\n[Open]({{.Name}})", "S\n\n[Open](javascript:alert)", "S\n\n[{{.Missing}}](https://a.example)",
		"S\n\n{{$x := .Name}}", "S\n\n{{template \"x\"}}",
	} {
		files := maps.Clone(letters.Files.(fstest.MapFS))
		files["verify.txt"] = &fstest.MapFile{Data: []byte(source)}
		if source == "" {
			delete(files, "verify.txt")
		}
		if m, err := (Letters{files}).Write("verify", values); err == nil {
			t.Errorf("%q: %+v", source, m)
		}
	}
	for _, part := range []string{"layout.txt", "layout.html"} {
		for _, source := range []string{"", "{{.Missing}}", "{{.Body"} {
			files := maps.Clone(letters.Files.(fstest.MapFS))
			files[part] = &fstest.MapFile{Data: []byte(source)}
			if source == "" {
				delete(files, part)
			}
			if m, err := (Letters{files}).Write("verify", values); err == nil {
				t.Errorf("%s %q: %+v", part, source, m)
			}
		}
	}
}

func TestSMTP(t *testing.T) {
	box, err := mailbox.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go box.Serve(l)
	defer l.Close()
	s, err := Open("smtp://"+l.Addr().String(), "Mi Connect <no-reply@mi-telecom.co.uk>")
	if err != nil {
		t.Fatal(err)
	}
	m := sample(t, "o_1", "pat@example.com")
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := box.List("")
	if len(got) != 1 || got[0].To != m.To || got[0].Subject != m.Subject ||
		strings.TrimSpace(got[0].Text) != strings.TrimSpace(m.Text) ||
		!slices.Contains(got[0].Links, link) {
		t.Errorf("%+v", got)
	}
	m.To = "pat@example.com\r\nBcc: eve@example.com"
	if err := s.Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "pat@") {
		t.Errorf("a header in an address: %v", err)
	}
	if len(box.List("")) != 1 {
		t.Error("it was sent")
	}
	for to, want := range map[string]Error{
		"refuse-permanent@example.com": {true, "550"}, "refuse-temporary@example.com": {false, "451"},
	} {
		wantError(t, s.Send(t.Context(), sample(t, "o_2", to)), want)
	}
	l.Close()
	wantError(t, s.Send(t.Context(), sample(t, "o_2", "pat@example.com")), Error{false, "network"})
}

// wantError compares what a sender says, of which no word may be the mail service's.
func wantError(t *testing.T, err error, want Error) {
	t.Helper()
	if got, ok := errors.AsType[*Error](err); !ok || *got != want || strings.Contains(err.Error(), "@") {
		t.Errorf("%v (%+v), want %+v", err, err, want)
	}
}

// A server that answers nothing costs one timeout; one that refuses the login, or the sender, refuses nobody
// permanently.
func TestAServerInTrouble(t *testing.T) {
	for greeting, want := range map[string]Error{
		"": {false, "timeout"}, "554 5.3.2 closed for pat@example.com\r\n": {false, "network"},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				io.WriteString(c, greeting)
				defer c.Close()
			}
		}()
		s, err := Open("smtp://"+l.Addr().String(), "Mi Connect <no-reply@mi-telecom.co.uk>")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		wantError(t, s.Send(t.Context(), sample(t, "o_3", "pat@example.com")), want)
		if took := time.Since(began); took > Timeout+5*time.Second {
			t.Errorf("it took %v", took)
		}
	}
}

func TestSES(t *testing.T) {
	var body string
	status, exception, tries := 200, "", 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
		w.Header().Set("Content-Type", "application/json")
		if tries++; exception != "" {
			w.Header().Set("X-Amzn-Errortype", exception)
			w.WriteHeader(status)
			io.WriteString(w, `{"message":"Address <pat@example.com> is not wanted"}`)
			return
		}
		io.WriteString(w, `{"MessageId":"1"}`)
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL_SESV2", server.URL)
	t.Setenv("AWS_REGION", "eu-west-2")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	s, err := Open("ses:", "Mi Connect <no-reply@mi-telecom.co.uk>")
	if err != nil {
		t.Fatal(err)
	}
	m := sample(t, "o_1", "pat@example.com")
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var said struct {
		Destination struct{ ToAddresses []string }
		Content     struct {
			Simple struct {
				Subject struct{ Data string }
				Body    struct {
					Text struct{ Data string }
					HTML struct{ Data string } `json:"Html"`
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &said); err != nil || said.Destination.ToAddresses[0] != m.To ||
		said.Content.Simple.Subject.Data != m.Subject ||
		said.Content.Simple.Body.Text.Data != m.Text ||
		said.Content.Simple.Body.HTML.Data != m.HTML {
		t.Errorf("%s, %v", body, err)
	}
	for _, c := range []struct {
		status    int
		exception string
		want      Error
	}{
		{400, "MessageRejected", Error{true, "MessageRejected"}},
		{400, "BadRequestException", Error{true, "BadRequestException"}},
		{400, "AccountSuspendedException", Error{false, "AccountSuspendedException"}},
		{400, "MailFromDomainNotVerifiedException", Error{false, "MailFromDomainNotVerifiedException"}},
		{400, "SendingPausedException", Error{false, "SendingPausedException"}},
		{400, "LimitExceededException", Error{false, "LimitExceededException"}},
		{429, "TooManyRequestsException", Error{false, "TooManyRequestsException"}},
		{403, "AccessDeniedException", Error{false, "AccessDeniedException"}},
		{500, "InternalFailure", Error{false, "InternalFailure"}},
		{400, "Made up pat@example.com", Error{false, "unknown"}},
	} {
		status, exception, tries = c.status, c.exception, 0
		wantError(t, s.Send(t.Context(), m), c.want)
		if c.want.Permanent && tries != 1 {
			t.Errorf("%s: asked %d times", c.exception, tries)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, address := range []string{"", "pigeon://x", "smtp://host:port", "%zz", "smtp://host:%zz"} {
		if s, err := Open(address, "a@b.example"); err == nil {
			t.Errorf("%q: %v", address, s)
		}
	}
	// An address with a password must not stand in an error.
	if _, err := Open("smtp://user:hunter2@host:99999999999999999999", "a@b.example"); err == nil ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
	for _, address := range []string{
		"smtps://user:pw@mail.example:465", "smtp://user:pw@mail.example:587", "smtp://127.0.0.1:25",
	} {
		if _, err := Open(address, "a@b.example"); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// The name a mail comes from is text: it ends no header and adds no address.
func TestASendersNameIsEncoded(t *testing.T) {
	for _, name := range []string{
		"Miller & Sons", "Ada\r\nBcc: eve@evil.example", `"x" <eve@evil.example>`, "Bär, Söhne", "",
	} {
		from, err := fromAs("Mi Connect <no-reply@connect.test>", name)
		if err != nil || strings.ContainsAny(from, "\r\n") {
			t.Errorf("%q: %q, %v", name, from, err)
		}
		a, err := netmail.ParseAddressList(from)
		if err != nil || len(a) != 1 || a[0].Address != "no-reply@connect.test" || name != "" && a[0].Name != name {
			t.Errorf("%q is read back as %v, %v", name, a, err)
		}
	}
}

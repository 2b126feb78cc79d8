package mail

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/mailbox"
)

var letter = Letter{
	Subject: "Confirm <it> & more", Greeting: "Hello,", Paragraphs: []string{"One < two & \"three\"."}, Button: "Confirm", Link: "https://connect.test/verify?token=a&b=c", After: []string{"Goodbye."},
}

func TestALetterIsBothTextAndHTML(t *testing.T) {
	m := letter.Mail("o_1", "pat@example.com")
	if !strings.Contains(m.Text, "Confirm:\nhttps://connect.test/verify?token=a&b=c\n") || !strings.Contains(m.Text, `One < two & "three".`) {
		t.Errorf("%s", m.Text)
	}
	if !strings.Contains(m.HTML, `href="https://connect.test/verify?token=a&amp;b=c"`) || !strings.Contains(m.HTML, "One &lt; two &amp; &#34;three&#34;.") || strings.Contains(m.HTML, "<it>") {
		t.Errorf("%s", m.HTML)
	}
	if m.ID != "o_1" || m.To != "pat@example.com" || m.Subject != letter.Subject {
		t.Errorf("%+v", m)
	}
	without := Letter{Subject: "s", Greeting: "g"}.Mail("o", "t")
	if strings.Contains(without.HTML, "href") || strings.Contains(without.Text, "http") {
		t.Errorf("%+v", without)
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
	m := letter.Mail("o_1", "pat@example.com")
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := box.List("")
	if len(got) != 1 || got[0].To != m.To || got[0].Subject != m.Subject || strings.TrimSpace(got[0].Text) != strings.TrimSpace(m.Text) || len(got[0].Links) == 0 || got[0].Links[0] != letter.Link {
		t.Errorf("%+v", got)
	}
	m.To = "pat@example.com\r\nBcc: eve@example.com"
	if err := s.Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "pat@") {
		t.Errorf("a header in an address: %v", err)
	}
	if len(box.List("")) != 1 {
		t.Error("it was sent")
	}
	for to, want := range map[string]Error{"refuse-permanent@example.com": {true, "550"}, "refuse-temporary@example.com": {false, "451"}} {
		wantError(t, s.Send(t.Context(), letter.Mail("o_2", to)), want)
	}
	l.Close()
	wantError(t, s.Send(t.Context(), letter.Mail("o_2", "pat@example.com")), Error{false, "network"})
}

// wantError compares what a sender says, of which no word may be the mail service's.
func wantError(t *testing.T, err error, want Error) {
	t.Helper()
	if got, ok := errors.AsType[*Error](err); !ok || *got != want || strings.Contains(err.Error(), "@") {
		t.Errorf("%v (%+v), want %+v", err, err, want)
	}
}

// A server that answers nothing costs one timeout; one that refuses the login, or the sender, refuses nobody
// for good.
func TestAServerInTrouble(t *testing.T) {
	for greeting, want := range map[string]Error{"": {false, "timeout"}, "554 5.3.2 closed for pat@example.com\r\n": {false, "network"}} {
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
		wantError(t, s.Send(t.Context(), letter.Mail("o_3", "pat@example.com")), want)
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
	m := letter.Mail("o_1", "pat@example.com")
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var said struct {
		Destination struct{ ToAddresses []string }
		Content     struct {
			Simple struct {
				Subject struct{ Data string }
				Body    struct{ Text, Html struct{ Data string } }
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &said); err != nil || said.Destination.ToAddresses[0] != m.To || said.Content.Simple.Subject.Data != m.Subject || said.Content.Simple.Body.Text.Data != m.Text || said.Content.Simple.Body.Html.Data != m.HTML {
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
	if _, err := Open("smtp://user:hunter2@host:99999999999999999999", "a@b.example"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
	for _, address := range []string{"smtps://user:pw@mail.example:465", "smtp://user:pw@mail.example:587", "smtp://127.0.0.1:25"} {
		if _, err := Open(address, "a@b.example"); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

package mail

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gomessage "github.com/emersion/go-message/mail"

	"github.com/mi-telecom/mi-connect/infra/local/mailbox"
)

const calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"

// parts are what a mail program finds in a message, by kind.
func parts(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	r, err := gomessage.CreateReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{"to": r.Header.Get("To"), "from": r.Header.Get("From"), "id": r.Header.Get("X-Mi-Connect-Id")}
	for {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := p.Header.(interface {
			ContentType() (string, map[string]string, error)
		}).ContentType()
		if err != nil {
			t.Fatal(err)
		}
		if _, file := p.Header.(*gomessage.AttachmentHeader); file {
			kind = "file " + kind
		}
		out[kind+" "+params["method"]] = string(text)
	}
}

func hasInvite(t *testing.T, raw []byte, m Mail) {
	t.Helper()
	got := parts(t, raw)
	if strings.TrimSpace(
		strings.ReplaceAll(got["text/plain "], "\r\n", "\n")) != strings.TrimSpace(m.Text) ||
		!strings.Contains(got["text/html "], "<p>") ||
		got["text/calendar REQUEST"] != calendar || got["file text/calendar REQUEST"] != calendar ||
		!strings.Contains(got["from"], "Shop") {
		t.Errorf("%q", got)
	}
}

// An invitation is a part that calendars read and a file, through both ways of sending.
func TestAnInvitationIsPartAndFile(t *testing.T) {
	m := sample(t, "o_1", "pat@example.com")
	m.Sender, m.Invite = "Shop by Mi Connect", &Invite{"REQUEST", calendar}
	composed, err := compose(m, "Mi Connect <no-reply@mi-telecom.co.uk>")
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := composed.WriteTo(&raw); err != nil {
		t.Fatal(err)
	}
	hasInvite(t, raw.Bytes(), m)

	var said struct {
		Content struct{ Raw struct{ Data []byte } }
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"MessageId": "1"}`)
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
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	hasInvite(t, said.Content.Raw.Data, m)
	if got := parts(t, said.Content.Raw.Data); got["id"] != "o_1" {
		t.Errorf("not recognisable: %q", got["id"])
	}

	box, err := mailbox.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = box.Serve(l) }()
	defer l.Close()
	if s, err = Open("smtp://"+l.Addr().String(), "Mi Connect <no-reply@mi-telecom.co.uk>"); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := box.List(""); len(got) != 1 || strings.TrimSpace(got[0].Text) != strings.TrimSpace(m.Text) {
		t.Errorf("in the local mail box: %+v", got)
	}
}

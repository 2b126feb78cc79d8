package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	_ "github.com/emersion/go-message/charset" // mails in any character set
	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"
)

// Serve receives mail on l until l is closed.
func (b *Box) Serve(l net.Listener) error {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{box: b}, nil }))
	s.Domain = "localhost"
	s.MaxMessageBytes = 40 << 20 // as Amazon SES
	s.MaxRecipients = 50
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	return s.Serve(l)
}

type session struct {
	box  *Box
	from string
	to   []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt refuses some recipients, as mail services do, so that what then happens can be seen: those whose address
// begins with refuse-permanent (550) or refuse-temporary (451). The texts repeat the address, as theirs do.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch local, _, _ := strings.Cut(to, "@"); {
	case strings.HasPrefix(local, "refuse-permanent"):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox: " + to}
	case strings.HasPrefix(local, "refuse-temporary"):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "try again later: " + to}
	}
	s.to = append(s.to, to)
	return nil
}

// Data keeps the mail.
func (s *session) Data(r io.Reader) error {
	if s.box.Refuse != nil && s.box.Refuse() {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parse(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "not a mail: " + err.Error()}
	}
	m.From, m.To = s.from, strings.Join(s.to, ", ")
	return s.box.Add(m)
}

// parse reads subject, text, HTML and links of a mail.
func parse(raw []byte) (Mail, error) {
	r, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, err
	}
	defer r.Close()
	m := Mail{}
	if m.Subject, err = r.Header.Subject(); err != nil {
		m.Subject = r.Header.Get("Subject")
	}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, err
		}
		inline, ok := part.Header.(*mail.InlineHeader)
		if !ok {
			continue
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			return m, fmt.Errorf("a part cannot be read: %w", err)
		}
		text := strings.ReplaceAll(string(body), "\r\n", "\n")
		switch kind, _, _ := inline.ContentType(); kind {
		case "text/html":
			m.HTML += text
		case "text/plain", "":
			m.Text += text
		}
	}
	m.Links = links(m.Text, m.HTML)
	return m, nil
}

var (
	address = regexp.MustCompile(`https?://[^\s<>"'` + "`" + `]+`)
	href    = regexp.MustCompile(`(?i)\bhref\s*=\s*("[^"]*"|'[^']*')`)
)

// links gives each address in a mail once, the text's before the HTML's.
func links(text, markup string) []string {
	out := []string{}
	add := func(link string) {
		if !slices.Contains(out, link) {
			out = append(out, link)
		}
	}
	for _, at := range address.FindAllString(text, -1) {
		add(trim(at))
	}
	for _, m := range href.FindAllStringSubmatch(markup, -1) {
		if link := html.UnescapeString(m[1][1 : len(m[1])-1]); strings.HasPrefix(link, "http") {
			add(link)
		}
	}
	return out
}

// trim drops what belongs to the sentence around an address.
func trim(link string) string { return strings.TrimRight(link, ".,;:!?)]}") }

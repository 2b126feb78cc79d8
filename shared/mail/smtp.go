package mail

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	gomail "github.com/wneessen/go-mail"
)

type smtp struct {
	host string
	opts []gomail.Option
	from string
}

func newSMTP(u *url.URL, from string) (*smtp, error) {
	s := &smtp{host: u.Hostname(), from: from, opts: []gomail.Option{gomail.WithTimeout(Timeout)}}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, fmt.Errorf("mail: port: %w", err)
		}
		s.opts = append(s.opts, gomail.WithPort(port))
	}
	switch {
	case u.Scheme == "smtps":
		s.opts = append(s.opts, gomail.WithSSL())
	case u.User == nil:
		// A mail box on this machine has neither certificate nor login.
		s.opts = append(s.opts, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		s.opts = append(s.opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.opts = append(
			s.opts,
			gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(u.User.Username()),
			gomail.WithPassword(password),
		)
	}
	return s, nil
}

// Send implements Sender.
func (s *smtp) Send(ctx context.Context, m Mail) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	msg, err := compose(m, s.from)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.host, s.opts...)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fromSMTP(err)
	}
	return nil
}

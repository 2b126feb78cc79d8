package webpush

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Notification is what a browser shows, as /sw.js reads it.
type Notification struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Path  string `json:"path"` // of our own page that it opens
	Tag   string `json:"tag"`  // one with the same replaces it, without a sound
}

// Error is a notification that was not taken.
type Error struct {
	Code      string // in one word; an error of ours names no address
	Gone      bool   // the browser takes none any more
	Permanent bool   // trying again is of no use
}

func (e *Error) Error() string { return "webpush: " + e.Code }

// Sender sends to devices.
type Sender struct {
	keys     Keys
	services Services
	contact  string
	client   *http.Client
}

// NewSender sends under keys. contact is where a push service reaches us: a mailto or https address.
func NewSender(keys Keys, services Services, contact string) *Sender {
	return &Sender{keys: keys, services: services, contact: contact, client: &http.Client{
		// Mails of the same batch wait for it.
		Timeout: 3 * time.Second,
		// No push service redirects, and where one led we have not looked at.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send returns an *Error when the device was not told.
func (s *Sender) Send(ctx context.Context, d connect.PushDevice, n Notification, now time.Time) error {
	key, err := s.keys.private(d.Key)
	if err != nil || key == nil || !s.services.Take(d.Endpoint) {
		return &Error{Code: "not-ours", Gone: true, Permanent: true} // its key or service is one that we gave up
	}
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	body, err := encrypt(d, text)
	if err != nil {
		return &Error{Code: "not-encrypted", Permanent: true}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Endpoint, bytes.NewReader(body))
	if err != nil {
		return &Error{Code: "address", Permanent: true}
	}
	authorization, err := s.authorization(key, r.URL, now)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Content-Encoding", "aes128gcm")
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("TTL", strconv.Itoa(int(connect.PushLife/time.Second)))
	r.Header.Set("Urgency", "high")
	// Of those with one topic that a browser has not had yet it gets the last.
	r.Header.Set("Topic", DeviceID(n.Tag))
	return s.post(r)
}

func (s *Sender) post(r *http.Request) error {
	resp, err := s.client.Do(r)
	if err != nil {
		code := "no-connection"
		if of, ok := errors.AsType[*url.Error](err); ok && of.Timeout() {
			code = "timeout"
		}
		return &Error{Code: code}
	}
	_ = resp.Body.Close()
	code := "status-" + strconv.Itoa(resp.StatusCode)
	switch c := resp.StatusCode; {
	case c >= 200 && c < 300:
		return nil
	case c == http.StatusNotFound || c == http.StatusGone:
		return &Error{Code: code, Gone: true, Permanent: true}
	case c == http.StatusTooManyRequests || c >= 500:
		return &Error{Code: code}
	}
	return &Error{Code: code, Permanent: true}
}

// tokenLife is half of what RFC 8292 allows, for clocks that are off.
const tokenLife = 12 * time.Hour

// authorization says who sends: a JWT for the push service, signed with our key (RFC 8292).
func (s *Sender) authorization(key *ecdsa.PrivateKey, to *url.URL, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{
		"aud": to.Scheme + "://" + to.Host, "exp": now.Add(tokenLife).Unix(), "sub": s.contact,
	})
	if err != nil {
		return "", err
	}
	text := encoding.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	x, y, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64) // both numbers, 32 bytes each
	x.FillBytes(signature[:32])
	y.FillBytes(signature[32:])
	public, err := publicText(key)
	return "vapid t=" + text + "." + encoding.EncodeToString(signature) + ", k=" + public, err
}

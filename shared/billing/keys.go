package billing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Names of the secrets, as the environment and the template have them.
const (
	KeyName     = "STRIPE_SECRET_KEY"
	SecretsName = "STRIPE_WEBHOOK_SECRETS"
	BaseName    = "STRIPE_API_BASE" // "" for Stripe itself
)

const (
	readEvery    = 5 * time.Minute
	rereadAtMost = 10 * time.Second // after a bad signature: strangers can send many
)

// Read reads a secret by name.
type Read func(ctx context.Context, name string) (string, error)

// Keys holds Stripe's key and the signing secrets, and reads them again every five minutes and after a bad
// signature, so that a new one needs no deploy. It is safe for concurrent use.
type Keys struct {
	read    Read
	base    string
	webhook bool

	mu      sync.Mutex
	key     string
	client  *Client
	secrets Secrets
	readAt  time.Time
	failed  error // of the last reading; what was read before stays good
}

// OpenKeys reads the key, and the signing secrets when webhook says so. Without them nothing can be
// trusted, so that they are missing, empty or of another shape is an error.
func OpenKeys(ctx context.Context, read Read, base string, webhook bool, now time.Time) (*Keys, error) {
	k := &Keys{read: read, base: base, webhook: webhook}
	k.refresh(ctx, now)
	if k.failed != nil {
		return nil, k.failed
	}
	return k, nil
}

// MustKeys ends the process when the keys cannot be read, so that Lambda reports a failed start.
func MustKeys(read Read, webhook bool) *Keys {
	now := time.Now() //nolint:forbidigo // where a function starts
	k, err := OpenKeys(context.Background(), read, os.Getenv(BaseName), webhook, now)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return k
}

// refresh needs the lock, or nobody else to know k.
func (k *Keys) refresh(ctx context.Context, now time.Time) {
	k.readAt = now
	k.failed = func() error {
		key, err := k.read(ctx, KeyName)
		if err != nil {
			return err
		}
		if k.client == nil || key != k.key {
			client, err := NewClient(key, k.base)
			if err != nil {
				return err
			}
			k.key, k.client = key, client
		}
		if !k.webhook {
			return nil
		}
		text, err := k.read(ctx, SecretsName)
		if err != nil {
			return err
		}
		secrets, ok := ParseSecrets(text)
		if !ok {
			return errors.New("billing: " + SecretsName + " must hold whsec_... secrets, separated by commas, and no empty one")
		}
		k.secrets = secrets
		return nil
	}()
}

// Client returns the client for the key that is good now.
func (k *Keys) Client(ctx context.Context, now time.Time) *Client {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fresh(ctx, now)
	return k.client
}

func (k *Keys) fresh(ctx context.Context, now time.Time) {
	if age := now.Sub(k.readAt); age >= readEvery || age < 0 {
		k.refresh(ctx, now)
	}
}

// Verify checks a signature with every secret that is good now.
func (k *Keys) Verify(ctx context.Context, body []byte, header string, now time.Time) error {
	k.mu.Lock()
	k.fresh(ctx, now)
	secrets := k.secrets
	k.mu.Unlock()
	err := secrets.Verify(body, header, now)
	if err == nil {
		return nil
	}
	k.mu.Lock()
	if now.Sub(k.readAt) >= rereadAtMost {
		k.refresh(ctx, now)
	}
	secrets = k.secrets
	k.mu.Unlock()
	return secrets.Verify(body, header, now)
}

package connect

import (
	"strings"
	"time"
)

// PushDevice is a browser that shows a person notifications, and where its push service takes them. The address and
// the keys let whoever has them send to it: they are told to nobody.
type PushDevice struct {
	ID        string // follows from the address
	Endpoint  string
	PublicKey []byte // P-256, uncompressed
	Auth      []byte
	Key       int // the version of our key that the browser takes notifications from
	Browser   string
	CreatedAt time.Time
	// Session is the login that it was turned on in, or renewed; logging out of it ends the device as well.
	// SessionFrom is when that login began: a change of password ends what was turned on before it.
	Session     string
	SessionFrom time.Time
}

// Service is the host of its push service.
func (d PushDevice) Service() string {
	_, rest, _ := strings.Cut(d.Endpoint, "://")
	host, _, _ := strings.Cut(rest, "/")
	return host
}

const (
	// MaxPushDevices bounds what one message makes us send.
	MaxPushDevices = 10
	// PushDeviceLife is for browsers that nobody logs in from any more; each login renews it.
	PushDeviceLife = 60 * 24 * time.Hour
	// PushLife is how long a notification is of use: a push service drops it then, and so do we.
	PushLife = time.Hour
)

// ErrTooManyPushDevices refuses one more.
var ErrTooManyPushDevices = &Error{
	Kind: Conflict, Code: "too-many-devices", Message: "Notifications are on for ten browsers already. Remove one first.",
}

package webpush

import (
	"crypto/sha256"
	"net/url"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Services are the push services that we send to: a browser names its own, and whoever has a login could name any
// address for us to call. A name that begins with a dot stands for every host under it.
type Services []string

// Browsers are the push services of the browsers that have one.
var Browsers = Services{
	"fcm.googleapis.com", "updates.push.services.mozilla.com", ".push.services.mozilla.com",
	".notify.windows.com", "web.push.apple.com", ".push.apple.com",
}

// And adds origins, such as http://127.0.0.1:4000, separated by commas: stand-ins of tests and of one's own machine.
func (s Services) And(origins string) Services {
	out := append(Services{}, s...)
	for one := range strings.SplitSeq(origins, ",") {
		if strings.Contains(one, "://") {
			out = append(out, one)
		}
	}
	return out
}

// Take reports whether an address is one of theirs.
func (s Services) Take(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || len(endpoint) > maxEndpoint || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	for _, one := range s {
		if strings.Contains(one, "://") {
			if u.Scheme+"://"+u.Host == one {
				return true
			}
			continue
		}
		// Host, not Hostname: no port.
		if u.Scheme == "https" && (u.Host == one || one[0] == '.' && strings.HasSuffix(u.Host, one)) {
			return true
		}
	}
	return false
}

const maxEndpoint = 1000

// Subscription is what a browser gives.
type Subscription struct{ Endpoint, PublicKey, Auth string }

// Device returns the device of a subscription, its login and name left open, or what is wrong with it.
func (s Services) Device(in Subscription) (connect.PushDevice, error) {
	var p connect.Problems
	d := connect.PushDevice{Endpoint: in.Endpoint, ID: DeviceID(in.Endpoint)}
	if !s.Take(in.Endpoint) {
		p.Add("endpoint", "Not the address of a push service that we know.")
	}
	var err error
	if d.PublicKey, err = decode(in.PublicKey); err == nil {
		_, err = curve().NewPublicKey(d.PublicKey)
	}
	if err != nil {
		p.Add("p256dh", "Not a public key.")
	}
	if d.Auth, err = decode(in.Auth); err != nil || len(d.Auth) != 16 {
		p.Add("auth", "Not a secret of 16 bytes.")
	}
	return d, p.Err()
}

// DeviceID names a device by its address; its own page finds itself by it.
func DeviceID(endpoint string) string {
	sum := sha256.Sum256([]byte(endpoint))
	return encoding.EncodeToString(sum[:16])
}

func decode(text string) ([]byte, error) {
	if len(text) > 200 {
		text = ""
	}
	return encoding.DecodeString(strings.TrimRight(text, "="))
}

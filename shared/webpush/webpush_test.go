package webpush

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/keyring"
)

func must(t *testing.T, text string) []byte {
	t.Helper()
	b, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The example of RFC 8291, section 5 and appendix A.
func TestTheExampleOfTheStandard(t *testing.T) {
	own, err := ecdh.P256().NewPrivateKey(must(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	d := connect.PushDevice{
		PublicKey: must(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
		Auth:      must(t, "BTBZMqHH6r4Tts7J_aSIgg"),
	}
	got, err := seal(d, []byte("When I grow up, I want to be a watermelon"), own, must(t, "DGv6ra1nlYgDCS1FRnbzlw"))
	want := "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w" +
		"EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if err != nil || encoding.EncodeToString(got) != want {
		t.Errorf("%s, %v", encoding.EncodeToString(got), err)
	}
}

func TestOnlyKnownServices(t *testing.T) {
	local := Browsers.And("http://127.0.0.1:4000,nonsense")
	for endpoint, want := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/abc":                  true,
		"https://updates.push.services.mozilla.com/wpush/v2/gAAAA": true,
		"https://wns2-par02p.notify.windows.com/w/?token=x":        true,
		"https://web.push.apple.com/QGuQ":                          true,
		"http://127.0.0.1:4000/push/1":                             true,
		"http://127.0.0.1:4001/push/1":                             false,
		"http://127.0.0.1:4000@169.254.169.254/":                   false,
		"http://fcm.googleapis.com/fcm/send/abc":                   false,
		"https://fcm.googleapis.com:8443/x":                        false,
		"https://fcm.googleapis.com.evil.example/x":                false,
		"https://evilnotify.windows.com/x":                         false,
		"https://user@fcm.googleapis.com/x":                        false,
		"https://fcm.googleapis.com@evil.example/x":                false,
		"https://169.254.169.254/latest/meta-data":                 false,
		"https://fcm.googleapis.com/x#y":                           false,
		"https:fcm.googleapis.com":                                 false,
		"nonsense":                                                 false,
		"":                                                         false,
		"https://fcm.googleapis.com/" + strings.Repeat("a", 1000):  false,
	} {
		if got := local.Take(endpoint); got != want {
			t.Errorf("%s: %v", endpoint, got)
		}
	}
	if Browsers.And("").Take("http://127.0.0.1:4000/push/1") {
		t.Error("a stand-in is taken without being set")
	}
}

func subscription(t *testing.T, endpoint string) Subscription {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public := encoding.EncodeToString(key.PublicKey().Bytes())
	return Subscription{endpoint, public, encoding.EncodeToString(make([]byte, 16))}
}

func TestWhatIsNoSubscriptionIsRefused(t *testing.T) {
	good := subscription(t, "https://fcm.googleapis.com/fcm/send/abc")
	if d, err := Browsers.Device(good); err != nil || d.ID != DeviceID(good.Endpoint) {
		t.Fatal(d, err)
	}
	off := must(t, good.PublicKey)
	off[64] ^= 1 // a point that is not on the curve
	for name, bad := range map[string]Subscription{
		"endpoint": {"https://example.com/", good.PublicKey, good.Auth},
		"p256dh":   {good.Endpoint, encoding.EncodeToString(off), good.Auth},
		"auth":     {good.Endpoint, good.PublicKey, "AAAA"},
	} {
		_, err := Browsers.Device(bad)
		if err == nil || connect.KindOf(err) != connect.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// send sends to a push service that answers with a status, and returns what it was sent.
func send(t *testing.T, status int) (*http.Request, []byte, Keys, error) {
	t.Helper()
	var got *http.Request
	var body bytes.Buffer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = body.ReadFrom(r.Body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer server.Close()
	keys, err := OpenKeys(keyring.Fixed("a secret that is long enough for a ring"))
	if err != nil {
		t.Fatal(err)
	}
	services := Browsers.And(server.URL)
	d, err := services.Device(subscription(t, server.URL+"/push/1"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Key, _, err = keys.Current(); err != nil {
		t.Fatal(err)
	}
	sender := NewSender(keys, services, "mailto:us@operator.example")
	err = sender.Send(context.Background(), d, Notification{Title: "New request on Shop", Tag: "c_1"}, time.Now())
	return got, body.Bytes(), keys, err
}

func TestWhatAServiceIsSent(t *testing.T) {
	r, body, keys, err := send(t, 201)
	if err != nil || r.URL.Path != "/push/1" || bytes.Contains(body, []byte("Shop")) || len(body) < 100 {
		t.Fatalf("%v %v %q", r, err, body)
	}
	for name, want := range map[string]string{
		"TTL": "3600", "Urgency": "high", "Content-Encoding": "aes128gcm", "Topic": DeviceID("c_1"),
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	// The signature is good for the key that browsers subscribe under, and says to whom it is sent.
	version, public, err := keys.Current()
	if err != nil || keys.Version(public) != version || keys.Version("another") != 0 {
		t.Fatal(version, public, err)
	}
	jwt, k, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), "vapid t="), ", k=")
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 || k != public {
		t.Fatal(r.Header.Get("Authorization"))
	}
	point, signature := must(t, k), must(t, parts[2])
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	x, y := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, sum[:], x, y) {
		t.Error("the signature is not good")
	}
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(must(t, parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	left := time.Until(time.Unix(claims.Exp, 0))
	if claims.Aud != "http://"+r.Host || claims.Sub != "mailto:us@operator.example" ||
		left < time.Hour || left > 24*time.Hour {
		t.Errorf("%+v", claims)
	}
}

func TestWhatServicesAnswer(t *testing.T) {
	for status, want := range map[int]Error{
		404: {"status-404", true, true}, 410: {"status-410", true, true}, 429: {"status-429", false, false},
		503: {"status-503", false, false}, 400: {"status-400", false, true}, 413: {"status-413", false, true},
		307: {"status-307", false, true}, // it is not followed
	} {
		r, _, _, err := send(t, status)
		if got, ok := err.(*Error); !ok || *got != want || r.URL.Path != "/push/1" { //nolint:errorlint // Send's own
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestAKeyThatIsReplaced(t *testing.T) {
	ring, err := keyring.Parse("a secret that is long enough for a ring")
	if err != nil {
		t.Fatal(err)
	}
	first, err := OpenKeys(keyring.Fixed(ring.Text()))
	if err != nil {
		t.Fatal(err)
	}
	_, before, err := first.Current()
	if err != nil {
		t.Fatal(err)
	}
	if ring, err = ring.Add("another secret that is long enough for a ring", time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	both, err := OpenKeys(keyring.Fixed(ring.Text()))
	if err != nil {
		t.Fatal(err)
	}
	version, after, err := both.Current()
	if err != nil || version != 2 || after == before || both.Version(before) != 1 || both.Version(after) != 2 {
		t.Error(version, before, after, err)
	}
	dropped, err := OpenKeys(keyring.Fixed(ring.Drop().Text()))
	if err != nil || dropped.Version(before) != 0 {
		t.Error("a version that was dropped is known", err)
	}
}

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// authenticator is one of our own, which can also do wrong.
type authenticator struct {
	key     *ecdsa.PrivateKey
	id      []byte
	user    string
	counter uint32
	origin  string
	rpID    string
}

var b64 = base64.RawURLEncoding

func newAuthenticator(user connect.UserID) *authenticator {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	id := make([]byte, 16)
	rand.Read(id)
	return &authenticator{key: key, id: id, user: string(user), origin: apitest.Origin, rpID: "connect.test"}
}

func (a *authenticator) client(kind, challenge string) []byte {
	return fmt.Appendf(nil, `{"type":%q,"challenge":%q,"origin":%q,"crossOrigin":false}`, kind, challenge, a.origin)
}

func (a *authenticator) data(flags byte, more []byte) []byte {
	a.counter++
	hash := sha256.Sum256([]byte(a.rpID))
	out := append(hash[:], flags)
	out = binary.BigEndian.AppendUint32(out, a.counter)
	return append(out, more...)
}

func (a *authenticator) create(options map[string]any) map[string]any {
	pub, _ := a.key.PublicKey.Bytes() // 0x04, X, Y
	cose, _ := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: pub[1:33], -3: pub[33:65]})
	var aaguid [16]byte
	more := binary.BigEndian.AppendUint16(aaguid[:], uint16(len(a.id)))
	more = append(append(more, a.id...), cose...)
	object, _ := cbor.Marshal(fields{"fmt": "none", "attStmt": fields{}, "authData": a.data(0x45, more)})
	id, client := b64.EncodeToString(a.id), a.client("webauthn.create", options["challenge"].(string))
	return fields{"id": id, "rawId": id, "type": "public-key", "response": fields{
		"clientDataJSON": b64.EncodeToString(client), "attestationObject": b64.EncodeToString(object),
	}}
}

func (a *authenticator) get(options map[string]any) map[string]any {
	client, data := a.client("webauthn.get", options["challenge"].(string)), a.data(0x05, nil)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(data, hash[:]...))
	signature, _ := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	id := b64.EncodeToString(a.id)
	return fields{"id": id, "rawId": id, "type": "public-key", "response": fields{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
		"signature":  b64.EncodeToString(signature),
		"userHandle": b64.EncodeToString([]byte(a.user)),
	}}
}

func (f *fixture) passkey(b bulk, p apitest.Person) *authenticator {
	f.T.Helper()
	a := newAuthenticator(p.Token.User)
	in := caller{bearer: p.Token.Text}
	begun := b.post(in, "/v1/passkeys/options", fields{"password": p.Password})
	if begun.status != 200 {
		f.T.Fatal(begun)
	}
	r := b.post(in, "/v1/passkeys", fields{
		"ceremony": begun.text("ceremony"), "name": "Key", "credential": a.create(begun.body["options"].(map[string]any)),
	})
	if r.status != 201 {
		f.T.Fatal(r)
	}
	return a
}

func TestPasskeyRefusals(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	a := f.passkey(b, p)
	login := func(do func(options map[string]any) map[string]any) reply {
		begun := b.post(caller{}, "/v1/login/passkey/options", fields{})
		return b.post(caller{}, "/v1/login/passkey", fields{
			"ceremony": begun.text("ceremony"), "credential": do(begun.body["options"].(map[string]any)),
		})
	}
	if r := login(a.get); r.status != 200 {
		t.Fatalf("a good one: %v", r)
	}
	refused := func(name string, r reply) {
		t.Helper()
		if r.status != 401 || r.code() != "passkey-refused" {
			t.Errorf("%s: %v", name, r)
		}
	}
	wrong := *a
	wrong.origin = "https://connect.test.evil.example"
	refused("another origin", login(wrong.get))
	wrong = *a
	wrong.rpID = "evil.example"
	refused("another relying party", login(wrong.get))
	wrong = *a
	wrong.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	refused("another key's signature", login(wrong.get))
	wrong = *a
	wrong.user = string(f.Person("eve@example.com").Token.User)
	refused("for another person", login(wrong.get))
	refused("no user verification", login(func(o map[string]any) map[string]any {
		c := a.get(o)
		r := c["response"].(map[string]any)
		data, _ := b64.DecodeString(r["authenticatorData"].(string))
		data[32] = 0x01
		client, _ := b64.DecodeString(r["clientDataJSON"].(string))
		hash := sha256.Sum256(client)
		digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
		signature, _ := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
		r["authenticatorData"], r["signature"] = b64.EncodeToString(data), b64.EncodeToString(signature)
		return c
	}))
	refused("another challenge", login(func(o map[string]any) map[string]any {
		return a.get(fields{"challenge": b64.EncodeToString(make([]byte, 32))})
	}))
	// The same response a second time: its challenge is used.
	begun := b.post(caller{}, "/v1/login/passkey/options", fields{})
	body := fields{"ceremony": begun.text("ceremony"), "credential": a.get(begun.body["options"].(map[string]any))}
	tries := parallel(40, func(int) string { return fmt.Sprint(b.post(caller{}, "/v1/login/passkey", body).status) })
	if tries["200"] != 1 {
		t.Errorf("one assertion forty times: %v", tries)
	}
	refused("a replayed challenge", b.post(caller{}, "/v1/login/passkey", body))
	late := b.post(caller{}, "/v1/login/passkey/options", fields{})
	f.Clock.Forward(connect.ChallengeLife + time.Second)
	refused("after five minutes", b.post(caller{}, "/v1/login/passkey", fields{
		"ceremony": late.text("ceremony"), "credential": a.get(late.body["options"].(map[string]any)),
	}))
	a.counter = 0
	refused("a counter that went back", login(a.get))
	a.counter = 100
	if r := login(a.get); r.status != 200 {
		t.Errorf("and forward again: %v", r)
	}
	// Adding is bound to who began it, and to one use.
	eve := f.Person("eve2@example.com")
	begun = b.post(caller{bearer: p.Token.Text}, "/v1/passkeys/options", fields{"password": p.Password})
	add := fields{
		"ceremony": begun.text("ceremony"), "name": "Key",
		"credential": newAuthenticator(p.Token.User).create(begun.body["options"].(map[string]any)),
	}
	if r := b.post(caller{bearer: eve.Token.Text}, "/v1/passkeys", add); r.status != 400 {
		t.Errorf("another's ceremony: %v", r)
	}
	if r := b.post(caller{bearer: p.Token.Text}, "/v1/passkeys", add); r.status != 201 {
		t.Errorf("one's own: %v", r)
	}
	if r := b.post(caller{bearer: p.Token.Text}, "/v1/passkeys", add); r.status != 400 {
		t.Errorf("twice: %v", r)
	}
}

// A challenge is good for one try, a network has a budget of tries, and text that is no id is refused.
func TestPasskeyTriesAreBounded(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	a := f.passkey(b, p)
	begun := b.post(caller{}, "/v1/login/passkey/options", fields{})
	options := begun.body["options"].(map[string]any)
	wrong := *a
	wrong.origin = "https://evil.example"
	for n, make := range []func(map[string]any) fields{wrong.get, a.get} {
		if r := b.post(caller{}, "/v1/login/passkey", fields{
			"ceremony": begun.text("ceremony"), "credential": make(options),
		}); r.status != 401 {
			t.Errorf("try %d of one challenge: %v", n, r)
		}
	}
	for _, id := range []string{strings.Repeat("a", 5000), "", "\x00", "T#x"} {
		if r := b.post(caller{}, "/v1/login/passkey", fields{
			"ceremony": id, "credential": fields{},
		}); r.status >= 500 || r.status < 400 {
			t.Errorf("%.10q: %v", id, r)
		}
	}
	statuses := map[int]int{}
	for range 200 {
		statuses[b.post(caller{addr: "198.18.0.5"}, "/v1/login/passkey", fields{
			"ceremony": "none", "credential": fields{},
		}).status]++
	}
	if statuses[429] != 200-connect.PasskeyTries.Limit {
		t.Errorf("%v", statuses)
	}
	if r := b.post(caller{addr: "198.51.7.9"}, "/v1/login/passkey/options", fields{}); r.status != 200 {
		t.Fatal(r)
	} else if in := b.post(caller{addr: "198.51.7.9"}, "/v1/login/passkey", fields{
		"ceremony": r.text("ceremony"), "credential": a.get(r.body["options"].(map[string]any)),
	}); in.status != 200 {
		t.Errorf("a good one from elsewhere: %v", in)
	}
}

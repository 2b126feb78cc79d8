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

// ---- passkeys: a small authenticator of our own, which can also do wrong -----------------------

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
	object, _ := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(0x45, more)})
	return map[string]any{"id": b64.EncodeToString(a.id), "rawId": b64.EncodeToString(a.id), "type": "public-key", "response": map[string]any{
		"clientDataJSON": b64.EncodeToString(a.client("webauthn.create", options["challenge"].(string))), "attestationObject": b64.EncodeToString(object),
	}}
}

func (a *authenticator) get(options map[string]any) map[string]any {
	client, data := a.client("webauthn.get", options["challenge"].(string)), a.data(0x05, nil)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(data, hash[:]...))
	signature, _ := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	return map[string]any{"id": b64.EncodeToString(a.id), "rawId": b64.EncodeToString(a.id), "type": "public-key", "response": map[string]any{
		"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data), "signature": b64.EncodeToString(signature),
		"userHandle": b64.EncodeToString([]byte(a.user)),
	}}
}

func (f *fixture) passkey(b bulk, p apitest.Person) *authenticator {
	f.T.Helper()
	a := newAuthenticator(p.Token.User)
	in := caller{bearer: p.Token.Text}
	begun := b.post(in, "/v1/passkeys/options", map[string]any{"password": p.Password})
	if begun.status != 200 {
		f.T.Fatal(begun)
	}
	r := b.post(in, "/v1/passkeys", map[string]any{"ceremony": begun.text("ceremony"), "name": "Key", "credential": a.create(begun.body["options"].(map[string]any))})
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
		begun := b.post(caller{}, "/v1/login/passkey/options", map[string]any{})
		return b.post(caller{}, "/v1/login/passkey", map[string]any{"ceremony": begun.text("ceremony"), "credential": do(begun.body["options"].(map[string]any))})
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
		return a.get(map[string]any{"challenge": b64.EncodeToString(make([]byte, 32))})
	}))
	// The same response a second time: its challenge is used.
	begun := b.post(caller{}, "/v1/login/passkey/options", map[string]any{})
	body := map[string]any{"ceremony": begun.text("ceremony"), "credential": a.get(begun.body["options"].(map[string]any))}
	tries := parallel(40, func(int) string { return fmt.Sprint(b.post(caller{}, "/v1/login/passkey", body).status) })
	if tries["200"] != 1 {
		t.Errorf("one assertion forty times: %v", tries)
	}
	refused("a replayed challenge", b.post(caller{}, "/v1/login/passkey", body))
	late := b.post(caller{}, "/v1/login/passkey/options", map[string]any{})
	f.Clock.Forward(connect.ChallengeLife + time.Second)
	refused("after five minutes", b.post(caller{}, "/v1/login/passkey", map[string]any{"ceremony": late.text("ceremony"), "credential": a.get(late.body["options"].(map[string]any))}))
	a.counter = 0
	refused("a counter that went back", login(a.get))
	a.counter = 100
	if r := login(a.get); r.status != 200 {
		t.Errorf("and forward again: %v", r)
	}
	// Adding is bound to who began it, and to one use.
	eve := f.Person("eve2@example.com")
	begun = b.post(caller{bearer: p.Token.Text}, "/v1/passkeys/options", map[string]any{"password": p.Password})
	add := map[string]any{"ceremony": begun.text("ceremony"), "name": "Key", "credential": newAuthenticator(p.Token.User).create(begun.body["options"].(map[string]any))}
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

// ---- the life of a login -----------------------------------------------------------------------

func TestPasswordsAndAddresses(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.Clock.Forward(time.Minute)
	second := b.post(caller{}, "/v1/login", credentials(p, p.Password)).text("token")
	in := caller{bearer: p.Token.Text}
	if r := b.do(in, "PUT", "/v1/password", map[string]any{"current": "wrong", "password": "another horse battery"}); r.status != 400 {
		t.Error(r)
	}
	for _, weak := range []string{"password", "pat@exam", "MiConnect1"} {
		if r := b.do(in, "PUT", "/v1/password", map[string]any{"current": p.Password, "password": weak}); r.status != 400 {
			t.Errorf("%s: %v", weak, r)
		}
	}
	if r := b.do(in, "PUT", "/v1/password", map[string]any{"current": p.Password, "password": "another horse battery"}); r.status != 204 {
		t.Fatal(r)
	}
	if r := b.do(caller{bearer: second}, "GET", "/v1/sessions", nil); r.status != 401 {
		t.Errorf("another session after the password was changed: %v", r)
	}
	if r := b.do(in, "GET", "/v1/sessions", nil); r.status != 200 {
		t.Errorf("the session that changed it: %v", r)
	}
	// A forgotten one: the second factor stays, and without it so do the sessions.
	secret, _ := f.authenticator(b, apitest.Person{Email: p.Email, Password: "another horse battery", Token: p.Token})
	f.Clock.Forward(time.Minute)
	known, unknown := b.post(caller{}, "/v1/password/forgot", map[string]any{"email": p.Email}), b.post(caller{}, "/v1/password/forgot", map[string]any{"email": "nobody@example.com"})
	if known.status != 202 || fmt.Sprint(known.body) != fmt.Sprint(unknown.body) || unknown.status != 202 {
		t.Errorf("%v %v", known, unknown)
	}
	link := ""
	for _, i := range f.Items("SESSIONS_TABLE") {
		if i["purpose"] == connect.PurposeReset && i["user"] == string(p.Token.User) {
			link = f.Links.Sign(connect.PurposeReset, strings.TrimPrefix(i["pk"].(string), "T#"))
		}
		if i["purpose"] == connect.PurposeReset && i["user"] == "" {
			if r := b.post(caller{}, "/v1/password/reset", map[string]any{"token": f.Links.Sign(connect.PurposeReset, strings.TrimPrefix(i["pk"].(string), "T#")), "password": "correct horse battery"}); r.code() != "link-invalid" {
				t.Errorf("nobody's link: %v", r)
			}
		}
	}
	f.Clock.Forward(connect.ResetLife - time.Minute - time.Second)
	if r := b.post(caller{}, "/v1/password/reset", map[string]any{"token": link, "password": "password"}); r.status != 400 || r.code() != "invalid" {
		t.Errorf("a weak one: %v", r)
	}
	if r := b.post(caller{}, "/v1/password/reset", map[string]any{"token": link, "password": "a third horse battery"}); r.status != 204 {
		t.Fatal(r)
	}
	if r := b.do(in, "GET", "/v1/sessions", nil); r.status != 200 {
		t.Errorf("a session after a reset without the second factor: %v", r)
	}
	if r := b.post(caller{}, "/v1/login", credentials(p, "a third horse battery")); r.code() != "code-needed" {
		t.Errorf("the second factor after a reset: %v", r)
	}
	body := credentials(p, "a third horse battery")
	body["code"] = code(secret, f.Clock.Now())
	r := b.post(caller{}, "/v1/login", body)
	if r.status != 200 {
		t.Fatal(r)
	}
	in.bearer = r.text("token")
	// A new address: nothing changes before its link is followed, and both addresses are told.
	if r := b.post(in, "/v1/email", map[string]any{"email": "new@example.com", "password": "a third horse battery"}); r.status != 202 {
		t.Fatal(r)
	}
	approve := f.ticket(connect.PurposeApprove)
	if tries := parallel(4, func(int) string {
		return fmt.Sprint(b.post(caller{}, "/v1/email/approve", map[string]any{"token": approve}).status)
	}); tries["202"] != 1 {
		t.Errorf("%v", tries)
	}
	link = f.ticket(connect.PurposeEmail)
	if tries := parallel(50, func(int) string {
		return fmt.Sprint(b.post(caller{}, "/v1/email/confirm", map[string]any{"token": link}).status)
	}); tries["204"] != 1 {
		t.Errorf("%v", tries)
	}
	if u, _ := f.Store.UserByEmail(t.Context(), "pat@example.com"); u != "" {
		t.Error("the old address still logs in")
	}
	if u, _ := f.Store.UserByEmail(t.Context(), "new@example.com"); u != p.Token.User {
		t.Error("the new address does not")
	}
	kinds := map[string]int{}
	for _, i := range f.Items("OUTBOX_TABLE") {
		kinds[i["kind"].(string)]++
	}
	if kinds["confirm-email"] != 1 || kinds["email-asked"] != 1 || kinds["email-changed"] != 1 {
		t.Errorf("%v", kinds)
	}
}

func TestRecoveryTakesThreeDaysAndCanBeStopped(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	f.authenticator(b, p)
	ask := func() string {
		if r := b.post(caller{}, "/v1/recovery", map[string]any{"email": p.Email}); r.status != 202 {
			t.Fatal(r)
		}
		return f.ticket(connect.PurposeRecover)
	}
	link := ask()
	finish := map[string]any{"token": link, "password": p.Password}
	if r := b.post(caller{}, "/v1/recovery/finish", finish); r.status != 409 {
		t.Errorf("before it began: %v", r)
	}
	if r := b.post(caller{}, "/v1/recovery/open", map[string]any{"token": link}); r.status != 200 || r.body["ready"] != false {
		t.Fatal(r)
	}
	f.Clock.Forward(connect.RecoveryWait - time.Second)
	if r := b.post(caller{}, "/v1/recovery/finish", finish); r.status != 409 || r.code() != "too-early" {
		t.Errorf("a second early: %v", r)
	}
	if r := b.do(caller{bearer: p.Token.Text}, "DELETE", "/v1/recovery", nil); r.status != 204 {
		t.Fatal(r)
	}
	f.Clock.Forward(2 * time.Second)
	if r := b.post(caller{}, "/v1/recovery/finish", finish); r.code() != "link-invalid" {
		t.Errorf("after it was stopped: %v", r)
	}
	if r := b.post(caller{}, "/v1/recovery/open", map[string]any{"token": link}); r.code() != "link-invalid" {
		t.Errorf("opened after it was stopped: %v", r)
	}
	link = ask()
	finish["token"] = link
	b.post(caller{}, "/v1/recovery/open", map[string]any{"token": link})
	f.Clock.Forward(connect.RecoveryWait + time.Second)
	if r := b.post(caller{}, "/v1/recovery/finish", map[string]any{"token": link, "password": "wrong"}); r.status != 400 {
		t.Errorf("without the password: %v", r)
	}
	if r := b.post(caller{}, "/v1/recovery/finish", finish); r.status != 204 {
		t.Fatal(r)
	}
	if r := b.do(caller{bearer: p.Token.Text}, "GET", "/v1/sessions", nil); r.status != 401 {
		t.Errorf("a session after a recovery: %v", r)
	}
	if r := b.post(caller{}, "/v1/login", credentials(p, p.Password)); r.status != 200 {
		t.Errorf("the password alone, after a recovery: %v", r)
	}
}

func TestADumpOfTheTablesIsOfNoUse(t *testing.T) {
	f := start(t)
	b := f.bulk()
	p := f.Person("pat@example.com")
	secret, codes := f.authenticator(b, p)
	f.passkey(b, p)
	f.Clock.Forward(time.Minute)
	body := credentials(p, p.Password)
	body["code"] = codes[0]
	token := b.post(caller{}, "/v1/login", body).text("token")
	secrets := append([]string{p.Password, p.Token.Text, token, strings.Split(token, ".")[1], secret, code(secret, f.Clock.Now())}, codes...)
	for _, c := range codes {
		secrets = append(secrets, strings.ReplaceAll(c, "-", ""))
	}
	for path, purpose := range map[string]string{"/v1/password/forgot": connect.PurposeReset, "/v1/login/link": connect.PurposeLogin, "/v1/recovery": connect.PurposeRecover} {
		b.post(caller{}, path, map[string]any{"email": p.Email})
		link := f.ticket(purpose)
		secrets = append(secrets, link, strings.Split(link, ".")[1])
	}
	dump := f.Dump()
	for _, s := range secrets {
		if strings.Contains(strings.ToLower(dump), strings.ToLower(s)) {
			t.Errorf("a table holds %q", s)
		}
	}
	for _, i := range f.Items("AUDIT_TABLE") {
		for k, v := range i {
			if text, ok := v.(string); ok && strings.Contains(text, "203.0.113") {
				t.Errorf("the audit log's %s is %q", k, text)
			}
		}
	}
	fmt.Printf("security: %d tokens, codes, links and passwords sought in a dump of %d bytes: none found\n", len(secrets), len(dump))
}

// ---- hostile text ------------------------------------------------------------------------------

func TestHostileText(t *testing.T) {
	f := start(t)
	for _, bad := range []string{"a\r\nBcc: eve@example.com", "a\x00b", "\u202egnp.exe", "a\u2028b", strings.Repeat("😀", 101), "\ufeffname"} {
		for _, field := range []string{"name", "company", "email"} {
			body := f.signUp("pat@example.com")
			body[field] = bad
			if a := f.post("/v1/register", body); a.Status != 400 {
				t.Errorf("%s %q: %d %s", field, bad, a.Status, a.Body)
			}
		}
	}
	// Text that is only hostile where it is written without care is kept as it is.
	for n, odd := range []string{`<img src=x onerror=alert(1)>`, `"; DROP TABLE`, "😀 Ltd", `{"level":"ERROR"}`, "=cmd|' /C calc'!A0"} {
		body := f.signUp(fmt.Sprintf("odd%d@example.com", n))
		body["name"] = odd
		if a := f.post("/v1/register", body); a.Status != 202 {
			t.Errorf("%q: %d %s", odd, a.Status, a.Body)
		}
	}
	for line := range strings.Lines(f.Logs.String()) {
		if !strings.HasPrefix(line, `{"timestamp"`) || strings.Contains(line, "onerror") || strings.Contains(line, "Bcc") {
			t.Errorf("a forged log line: %s", line)
		}
	}
}

// TestTimingTellsNobody compares how long a known and an unknown address take.
func TestTimingTellsNobody(t *testing.T) {
	f := start(t)
	b := f.bulk()
	known := f.Person("known@example.com")
	for n := range 3 { // the more accounts somebody is in, the more is to be logged
		f.Member(known, f.Person(fmt.Sprintf("owner%d@example.com", n)).Account, connect.Agent)
	}
	emails := [2]string{known.Email, "other@example.com"}
	for _, c := range []struct {
		name, path string
		body       func(email string) map[string]any
	}{
		{"login", "/v1/login", func(e string) map[string]any { return map[string]any{"email": e, "password": "not the password"} }},
		{"register", "/v1/register", func(e string) map[string]any {
			return map[string]any{"email": e, "password": "correct horse battery", "name": "N", "company": "C"}
		}},
		{"forgot", "/v1/password/forgot", func(e string) map[string]any { return map[string]any{"email": e} }},
		{"login link", "/v1/login/link", func(e string) map[string]any { return map[string]any{"email": e} }},
		{"resend", "/v1/register/resend", func(e string) map[string]any { return map[string]any{"email": e} }},
	} {
		apitest.Timing(t, c.name, func(which int) {
			if r := b.post(caller{}, c.path, c.body(emails[which])); r.status != 401 && r.status != 202 {
				t.Fatal(c.name, r)
			}
		}, func() { f.Clock.Forward(time.Hour) }) // budgets are full again
	}
}

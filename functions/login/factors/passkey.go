package factors

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Passkeys is the relying party. Adding a passkey and logging in with one both begin with a challenge: its options go
// to the browser, and its text to the call that finishes it.
type Passkeys struct{ party *webauthn.WebAuthn }

// NewPasskeys binds passkeys to the dashboard's origin. It panics when that is no address.
func NewPasskeys(origin string) Passkeys {
	u, err := url.Parse(origin)
	if err == nil {
		var w *webauthn.WebAuthn
		w, err = webauthn.New(&webauthn.Config{
			RPID: u.Hostname(), RPDisplayName: "Mi Connect", RPOrigins: []string{origin},
		})
		if err == nil {
			return Passkeys{w}
		}
	}
	panic("login: ORIGIN is no address that passkeys can be bound to: " + err.Error())
}

// BeginAdd challenges user to make a passkey that f lacks.
func (p Passkeys) BeginAdd(user connect.User, f *connect.Factors) (options any, challenge string, err error) {
	if len(f.Passkeys) >= connect.MaxPasskeys {
		return nil, "", errTooMany
	}
	who := holder{user, f}
	var known []protocol.CredentialDescriptor
	for _, c := range who.WebAuthnCredentials() {
		known = append(known, c.Descriptor())
	}
	required := true
	o, session, err := p.party.BeginRegistration(who,
		webauthn.WithExclusions(known), webauthn.WithConveyancePreference(protocol.PreferNoAttestation),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &required,
			UserVerification: protocol.VerificationRequired,
		}))
	if err != nil {
		return nil, "", err
	}
	text, err := json.Marshal(session)
	return o.Response, string(text), err
}

var errTooMany = &connect.Error{
	Kind: connect.Conflict, Code: "too-many-passkeys", Message: "You can have up to ten passkeys. Remove one first.",
}

// ErrNew is connect.ErrPasskey for somebody who is logged in.
var ErrNew = &connect.Error{
	Kind: connect.Invalid, Code: "passkey-refused", Message: "This passkey couldn't be added. Start again.",
}

// Add puts the passkey that answers a challenge into f and returns its id, or ErrNew when the answer is wrong or f has
// no room for it.
func (p Passkeys) Add(
	user connect.User, f *connect.Factors, challenge string, answer []byte, name string, now time.Time,
) (id string, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(challenge), &session); err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(bytes.NewReader(answer))
	if err != nil {
		return "", ErrNew
	}
	c, err := p.party.CreateCredential(holder{user, f}, session, parsed)
	if err != nil {
		return "", ErrNew
	}
	key, err := passkeyOf(c)
	if err != nil {
		return "", err
	}
	if len(f.Passkeys) >= connect.MaxPasskeys || indexPasskey(f, key.ID) >= 0 {
		return "", ErrNew
	}
	key.Name, key.CreatedAt = name, now
	f.Passkeys = append(f.Passkeys, key)
	return key.ID, nil
}

// RemovePasskey takes a passkey out of f and returns its name, or connect.ErrNotFound.
func RemovePasskey(f *connect.Factors, id string) (name string, err error) {
	at := indexPasskey(f, id)
	if at < 0 {
		return "", connect.ErrNotFound
	}
	name = f.Passkeys[at].Name
	f.Passkeys = slices.Delete(f.Passkeys, at, at+1)
	return name, nil
}

// BeginLogin challenges somebody to log in. It needs no address: the passkey names its holder.
func (p Passkeys) BeginLogin() (options any, challenge string, err error) {
	o, session, err := p.party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", err
	}
	text, err := json.Marshal(session)
	return o.Response, string(text), err
}

// Reasons to refuse a passkey, besides connect.ErrPasskey.
var (
	ErrInvalid = errors.New("factors: the passkey does not answer the challenge")
	ErrCopied  = errors.New("factors: the passkey's counter went back: it is a copy")
)

// Login returns the holder of the passkey that answers a challenge, and their factors with its use recorded. find reads
// both; it is only called with a well-formed id. With ErrInvalid and ErrCopied the holder is returned too, if known.
func (p Passkeys) Login(
	challenge string, answer []byte, now time.Time, find func(connect.UserID) (connect.User, *connect.Factors, error),
) (connect.UserID, *connect.Factors, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(challenge), &session); err != nil {
		return "", nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(bytes.NewReader(answer))
	if err != nil {
		return "", nil, connect.ErrPasskey
	}
	var who holder
	_, c, err := p.party.ValidatePasskeyLogin(func(_, handle []byte) (_ webauthn.User, err error) {
		if !connect.ValidID("u_", string(handle)) {
			return nil, connect.ErrPasskey
		}
		who.user, who.factors, err = find(connect.UserID(handle))
		return who, err
	}, session, parsed)
	if err != nil {
		return who.user.ID, nil, ErrInvalid
	}
	if c.Authenticator.CloneWarning {
		return who.user.ID, nil, ErrCopied
	}
	used, err := passkeyOf(c)
	if err != nil {
		return "", nil, err
	}
	at := indexPasskey(who.factors, used.ID)
	if at < 0 {
		return "", nil, connect.ErrPasskey
	}
	who.factors.Passkeys[at].Credential, who.factors.Passkeys[at].LastUsedAt = used.Credential, now
	return who.user.ID, who.factors, nil
}

func indexPasskey(f *connect.Factors, id string) int {
	return slices.IndexFunc(f.Passkeys, func(p connect.Passkey) bool { return p.ID == id })
}

// passkeyOf returns what is stored of a credential: the public key and its counter. Attestation is neither requested
// nor stored.
func passkeyOf(c *webauthn.Credential) (connect.Passkey, error) {
	c.Attestation = webauthn.CredentialAttestation{}
	data, err := json.Marshal(c)
	return connect.Passkey{ID: base64.RawURLEncoding.EncodeToString(c.ID), Credential: string(data)}, err
}

// holder implements webauthn.User.
type holder struct {
	user    connect.User
	factors *connect.Factors
}

func (h holder) WebAuthnID() []byte          { return []byte(h.user.ID) }
func (h holder) WebAuthnName() string        { return string(h.user.Email) }
func (h holder) WebAuthnDisplayName() string { return h.user.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, p := range h.factors.Passkeys {
		var c webauthn.Credential
		if json.Unmarshal([]byte(p.Credential), &c) == nil {
			out = append(out, c)
		}
	}
	return out
}

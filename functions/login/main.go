// Function login registers people, logs them in and out, and changes what they log in with. It alone may
// read password hashes and second factors.
package main

import (
	"log/slog"
	"net/url"
	"os"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/secret"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	links := token.MustLinks(secret.Keep("TOKEN_KEY"))
	cdn := web.NewCDN(os.Getenv("CDN_KEY"))
	lambdahttp.Serve(app(web.Logger(os.Stdout), store.FromEnvironment(), links, cdn, os.Getenv("ORIGIN"), time.Now).OnlyThrough(cdn))
}

func app(log *slog.Logger, s *store.Store, links token.Links, cdn web.CDN, origin string, clock func() time.Time) *web.App {
	a := web.New(log, clock, s.Identify)
	h := &handlers{store: s, links: links, cdn: cdn, passkeys: relyingParty(origin)}

	a.Public("POST /v1/register", h.register)
	a.Public("POST /v1/register/resend", h.resend)
	a.Public("POST /v1/verify/open", h.openRegistration)
	a.Public("POST /v1/verify", h.verify)

	a.Public("POST /v1/login", h.login)
	a.Public("POST /v1/login/link", h.mailLink)
	a.Public("POST /v1/login/link/open", h.openLink)
	a.Public("POST /v1/login/passkey/options", h.passkeyOptions)
	a.Public("POST /v1/login/passkey", h.passkeyLogin)

	a.Handle("POST /v1/logout", connect.NoRole, h.logout)
	a.Handle("GET /v1/sessions", connect.NoRole, h.listSessions)
	a.Handle("DELETE /v1/sessions", connect.NoRole, h.endOtherSessions)
	a.Handle("DELETE /v1/sessions/{id}", connect.NoRole, h.endSession)

	a.Public("POST /v1/password/forgot", h.forgot)
	a.Public("POST /v1/password/reset", h.reset)
	a.Handle("PUT /v1/password", connect.NoRole, h.changePassword)
	a.Handle("GET /v1/email", connect.NoRole, h.showEmail)
	a.Handle("POST /v1/email", connect.NoRole, h.changeEmail)
	a.Handle("DELETE /v1/email", connect.NoRole, h.cancelEmail)
	a.Public("POST /v1/email/open", h.openApproval)
	a.Public("POST /v1/email/approve", h.approveEmail)
	a.Public("POST /v1/email/cancel", h.refuseEmail)
	a.Public("POST /v1/email/confirm", h.confirmEmail)

	a.Handle("GET /v1/factors", connect.NoRole, h.listFactors)
	a.Handle("POST /v1/factors/totp", connect.NoRole, h.beginTOTP)
	a.Handle("POST /v1/factors/totp/confirm", connect.NoRole, h.confirmTOTP)
	a.Handle("DELETE /v1/factors/totp", connect.NoRole, h.removeTOTP)
	a.Handle("POST /v1/factors/recovery", connect.NoRole, h.newRecoveryCodes)
	a.Handle("POST /v1/passkeys/options", connect.NoRole, h.beginPasskey)
	a.Handle("POST /v1/passkeys", connect.NoRole, h.addPasskey)
	a.Handle("DELETE /v1/passkeys/{id}", connect.NoRole, h.removePasskey)

	a.Public("POST /v1/recovery", h.mailRecovery)
	a.Public("POST /v1/recovery/open", h.openRecovery)
	a.Public("POST /v1/recovery/finish", h.finishRecovery)
	a.Handle("DELETE /v1/recovery", connect.NoRole, h.cancelRecovery)

	a.Public("POST /v1/invitations/open", h.openInvitation)
	a.Public("POST /v1/invitations/join", h.join)
	a.Handle("POST /v1/invitations/accept", connect.NoRole, h.accept)
	a.Public("POST /v1/clients/invitations/open", h.openClient)
	a.Handle("POST /v1/clients/invitations/accept", connect.Owner, h.acceptClient)

	a.Handle("DELETE /v1/account", connect.Owner, h.closeAccount)
	a.Handle("DELETE /v1/me", connect.NoRole, h.deleteLogin)
	return a
}

// relyingParty is us towards the browser's passkeys, bound to the dashboard's origin.
func relyingParty(origin string) *webauthn.WebAuthn {
	u, err := url.Parse(origin)
	if err == nil {
		var w *webauthn.WebAuthn
		if w, err = webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Mi Connect", RPOrigins: []string{origin}}); err == nil {
			return w
		}
	}
	panic("login: ORIGIN is no address that passkeys can be bound to: " + err.Error())
}

type handlers struct {
	store    *store.Store
	links    token.Links
	cdn      web.CDN
	passkeys *webauthn.WebAuthn
}

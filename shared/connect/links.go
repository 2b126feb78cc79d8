package connect

// What a signed link or a one-time token is for; one of one purpose opens nothing else.
const (
	PurposeVerify    = "verify-email"
	PurposeRequest   = "callback-request"
	PurposePuzzle    = "puzzle"
	PurposeLogin     = "login-link"
	PurposeReset     = "reset-password"
	PurposeEmail     = "confirm-email"
	PurposeApprove   = "approve-email"
	PurposeRecover   = "recover"
	PurposeInvite    = "invite"
	PurposeClient    = "invite-client" // of clients' invitations before they were signed as all others; still opened
	PurposeDeleted   = "login-deleted" // never a link: whom to write to when the person is gone
	PurposeComplaint = "confirm-complaint"
	ChallengeLogin   = "passkey-login" // tokens of these two are never mailed
	ChallengePasskey = "passkey-add"
)

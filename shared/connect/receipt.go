package connect

import "time"

// ReceiptID names a receipt. Nobody can guess one, so whoever holds it may see and withdraw it.
type ReceiptID string // "r_..."

// NewReceiptID returns 160 random bits.
func NewReceiptID() ReceiptID { return ReceiptID("r_" + random(20)) }

// Receipt proves that something happened: it is written once, never changed, and holds nothing of the
// person it is about. Which fields are filled depends on Kind.
type Receipt struct {
	ID       ReceiptID
	Kind     ReceiptKind
	Site     SiteID // erasure, publication
	Revision string // consent: of the policy; publication: version of the privacy notice
	Text     string // consent: hash of the cookie notice as it was shown
	Choice   Choice // consent
	Page     string // consent: path of our page, or "widget/<version>"
	Via      Via    // erasure
	Count    int    // erasure: how many requests were erased
	At       time.Time
	MAC      string // over all of the above; package receipt
	// ExpiresAt is the operator's retention. It is not covered by MAC: taking a receipt away too early is
	// found by the day's seal.
	ExpiresAt time.Time
}

// Day is the UTC day that the receipt is sealed with.
func (r *Receipt) Day() Date { return DateOf(r.At.UTC()) }

// ReceiptKind says what happened.
type ReceiptKind string

const (
	Consent     ReceiptKind = "consent"     // somebody answered the cookie notice
	Withdrawal  ReceiptKind = "withdrawal"  // and took it back; has the consent's id
	Erasure     ReceiptKind = "erasure"     // a visitor's data were erased
	Publication ReceiptKind = "publication" // a customer confirmed to have published the privacy notice
)

// Choice is an answer to the cookie notice.
type Choice string

const (
	Accepted Choice = "accepted"
	Declined Choice = "declined"
)

// Via is how the data to erase were found.
type Via string

const (
	ViaLink  Via = "link" // by the visitor's own link
	ViaPhone Via = "phone"
	ViaEmail Via = "email"
)

// Seal closes a day of receipts: their number and Merkle root, chained to the seal of the day before, so
// that no receipt and no whole day can go missing or change unseen.
type Seal struct {
	Day      Date
	Count    int
	Root     string
	Previous string // MAC of the seal before, "" for the first
	MAC      string
	At       time.Time
}

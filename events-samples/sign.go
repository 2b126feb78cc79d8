package samples

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/stripe"
)

const header = "stripe-signature"

// Signed is a sample whose signature was made now, for one is good for five minutes only. One whose v1 is
// all zeros stays bad. A sample without the header is returned as it is.
func Signed(event []byte, now time.Time) ([]byte, error) {
	var e map[string]any
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	headers, _ := e["headers"].(map[string]any)
	was, ok := headers[header].(string)
	if !ok {
		return event, nil
	}
	text, _ := e["body"].(string)
	body := []byte(text)
	if e["isBase64Encoded"] == true {
		var err error
		if body, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, err
		}
	}
	signed := stripe.Signature(body, stripe.Secret, now)
	if zeros := "v1=" + strings.Repeat("0", 64); strings.Contains(was, zeros) {
		stamp, _, _ := strings.Cut(signed, ",")
		signed = stamp + "," + zeros
	}
	headers[header] = signed
	out, err := json.MarshalIndent(e, "", "  ")
	return append(out, '\n'), err
}

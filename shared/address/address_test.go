package address_test

import (
	"testing"

	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

func TestEmail(t *testing.T) {
	for in, want := range map[string]connect.Email{
		"jo@example.com": "jo@example.com", " Jo@EXÄMPLE.de ": "jo@xn--exmple-cua.de", "jo@例え.jp": "jo@xn--r8jz45g.jp",
		"jo@example。com":       "jo@example.com",
		"jo@xn--exmple-cua.de": "jo@xn--exmple-cua.de",
		"jö@exämple.de":        "", "jo@a..exämple": "", "jo@\u202eexample.com": "", "jo@-ä.example": "", "": "", "@": "",
		"ä": "",
	} {
		var p connect.Problems
		if got := address.Email(&p, in); got != want || (len(p) == 0) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", in, got, p, want)
		}
	}
}

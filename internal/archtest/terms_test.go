package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What a registration stores that somebody accepted is the text that they could read.
func TestTheAcceptedVersionIsThePublishedOne(t *testing.T) {
	if connect.TermsVersion != connect.DPAVersion {
		t.Error("the terms and the data processing agreement are one page, of one date")
	}
	date, err := time.Parse(time.DateOnly, connect.TermsVersion)
	if err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{
		"privacy/terms.tsx":   "const VERSION = '" + connect.TermsVersion + "'",
		"login/register.tsx":  "both of " + date.Format("2 January 2006"),
		"team/invitation.tsx": "both of " + date.Format("2 January 2006"),
	} {
		text, err := os.ReadFile(filepath.Join(localtest.Root(t), "dashboard/src/features", page))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q; %v", page, want, err)
		}
	}
}

package archtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Plans stand in one file, shared/connect/plan.go. The page that shows them before anybody logs in has a copy.
func TestTheHomePageSellsTheSamePlans(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(localtest.Root(t), "dashboard/src/lib/plans.json"))
	if err != nil {
		t.Fatal(err)
	}
	type limits struct{ Sites, Members, Callbacks, KeepDays, Clients int }
	type plan struct {
		ID, Name                             string
		Month, Year, ClientMonth, ClientYear connect.Pence
		Limits                               limits
	}
	var page []plan
	if err := json.Unmarshal(text, &page); err != nil || len(page) != len(connect.Plans) {
		t.Fatalf("%d plans, want %d; %v", len(page), len(connect.Plans), err)
	}
	for n, p := range connect.Plans {
		want := plan{
			string(p.ID), p.Name, p.Price(connect.Monthly), p.Price(connect.Yearly), p.ClientPrice(connect.Monthly),
			p.ClientPrice(connect.Yearly),
			limits{p.Limits.Sites, p.Limits.Members, int(p.Limits.Callbacks), p.Limits.RetentionDays, p.Limits.Clients},
		}
		if page[n] != want {
			t.Errorf("dashboard/src/lib/plans.json says %+v, want %+v", page[n], want)
		}
	}
}

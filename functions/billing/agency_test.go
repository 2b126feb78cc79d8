package main

import (
	"testing"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A client whose agency pays has what the agency's plan allows, as long as the agency pays for it.
func TestAnAgencyPaysForItsClient(t *testing.T) {
	f := start(t)
	client := connect.Client{
		Agency: f.owner.Account, AgencyName: "Agency", Account: connect.NewAccountID(), Name: "Client",
		Payer: connect.AgencyPays, Since: f.Clock.Now(),
	}
	if err := f.Store.AddClient(t.Context(), client, apitest.Roomy); err != nil {
		t.Fatal(err)
	}
	want := func(plan connect.PlanID) {
		t.Helper()
		e, err := f.Store.Entitlement(t.Context(), client.Account, f.Clock.Now())
		if err != nil || e.Plan.ID != plan {
			t.Errorf("%s, want %s; %v", e.Plan.ID, plan, err)
		}
	}
	want("free")
	f.Subscribe(f.owner.Account, connect.Billing{Status: connect.Active, Plan: "agency", Quantity: 12})
	want("agency")
	f.Subscribe(client.Account, connect.Billing{Status: connect.Active, Plan: "starter"})
	want("starter")
	f.Subscribe(client.Account, connect.Billing{Status: connect.Canceled, Plan: "starter", EndedAt: f.Clock.Now()})
	want("agency")
	f.Subscribe(f.owner.Account, connect.Billing{Status: connect.Canceled, Plan: "agency", EndedAt: f.Clock.Now()})
	want("free")
}

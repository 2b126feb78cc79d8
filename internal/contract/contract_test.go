package contract

import (
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

// Every body has a shape with a name and an example; that an example fits its shape is checked by `make lint`.
func TestEveryBodyHasANameAndAnExample(t *testing.T) {
	d, err := Load(localtest.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Operations) < 80 || len(d.Bodies()) < 60 {
		t.Fatalf("%d operations, %d bodies: that is not the document", len(d.Operations), len(d.Bodies()))
	}
	for name := range d.Bodies() {
		if !d.HasExample(name) {
			t.Errorf("components.schemas.%s has no examples", name)
		}
	}
	for _, id := range d.Unnamed() {
		if id != "stripeWebhook" { // Stripe's events are theirs
			t.Errorf("%s: a body without a named schema", id)
		}
	}
}

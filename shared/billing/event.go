package billing

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Used are the types of event that can change what we know. Whatever one of them says, its customer is
// fetched; nothing else in it is believed. The webhook endpoint is made for exactly these.
var Used = []string{
	"checkout.session.completed",
	"customer.deleted",
	"customer.updated",
	"customer.subscription.created",
	"customer.subscription.updated",
	"customer.subscription.deleted",
	"customer.subscription.paused",
	"customer.subscription.resumed",
	"customer.subscription.trial_will_end",
	"customer.subscription.pending_update_applied",
	"customer.subscription.pending_update_expired",
	"invoice.paid",
	"invoice.payment_failed",
	"invoice.payment_action_required",
	"invoice.voided",
	"invoice.marked_uncollectible",
}

// StripeEvent is what is taken from an event.
type StripeEvent struct {
	ID       string
	Type     string
	Used     bool
	Customer connect.CustomerID // "" when the type is not used, or it is about nobody's customer
}

func refuse(code, message string) error {
	return &connect.Error{Kind: connect.Invalid, Code: code, Message: message}
}

// ParseStripeEvent reads an event whose signature is good. Its errors are what we refuse: an endpoint of another
// API version, of the other mode or of another Stripe account is set up wrongly, and must fail loudly.
func ParseStripeEvent(body []byte, live bool) (StripeEvent, error) {
	var in struct {
		ID         string `json:"id"`
		Object     string `json:"object"`
		Type       string `json:"type"`
		Account    string `json:"account"`
		APIVersion string `json:"api_version"`
		Livemode   *bool  `json:"livemode"`
		Data       *struct {
			Object map[string]json.RawMessage `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return StripeEvent{}, refuse("malformed", "The body is not an event.")
	}
	switch {
	case in.Object != "event" || !strings.HasPrefix(in.ID, "evt_") || len(in.ID) > 255 || in.Type == "" ||
		len(in.Type) > 255:
		return StripeEvent{}, refuse("malformed", "The body is not an event.")
	case in.Data == nil || len(in.Data.Object) == 0:
		return StripeEvent{}, refuse("malformed", "The event has no object.")
	case in.Livemode == nil || *in.Livemode != live:
		return StripeEvent{}, refuse("wrong-mode", "The event is from the wrong mode (test or live).")
	case in.Account != "":
		return StripeEvent{}, refuse("wrong-account", "The event is from another Stripe account.")
	case in.APIVersion != APIVersion:
		return StripeEvent{}, refuse("wrong-api-version", "The endpoint must be of API version "+APIVersion+".")
	}
	e := StripeEvent{ID: in.ID, Type: in.Type}
	if e.Used = slices.Contains(Used, e.Type); !e.Used {
		return e, nil
	}
	field := "customer"
	if e.Type == "customer.deleted" || e.Type == "customer.updated" {
		field = "id"
	}
	var err error
	e.Customer, err = reference(in.Data.Object[field])
	return e, err
}

// reference reads an id, alone or in the object it stands for. That there is none is no fault: a guest pays without
// being a customer, and other products may sell over the same Stripe account.
func reference(raw json.RawMessage) (connect.CustomerID, error) {
	var id string
	if json.Unmarshal(raw, &id) != nil { // null leaves it empty
		var object struct {
			ID string `json:"id"`
		}
		if len(raw) > 0 && json.Unmarshal(raw, &object) != nil {
			return "", refuse("malformed", "The event's customer could not be read.")
		}
		id = object.ID
	}
	if len(id) > 255 {
		return "", refuse("malformed", "The event's customer could not be read.")
	}
	return connect.CustomerID(id), nil
}

package stripe

import (
	_ "embed"
	"encoding/json"
	"maps"
	"strconv"
)

//go:embed objects.json
var objectsText []byte

// objects are Stripe's objects of API version 2023-10-16 with nothing in them: every field that must be
// there is. The test that holds answers against Stripe's description keeps the file honest.
var objects = func() map[string]json.RawMessage {
	var o map[string]json.RawMessage
	if err := json.Unmarshal(objectsText, &o); err != nil {
		panic(err)
	}
	return o
}()

type object = map[string]any

// of returns a fresh object of a kind with fields set.
func of(kind string, fields object) object {
	var o object
	if err := json.Unmarshal(objects[kind], &o); err != nil {
		panic(err)
	}
	maps.Copy(o, fields)
	return o
}

func list(url string, data []object, more bool) object {
	if data == nil {
		data = []object{}
	}
	return object{"object": "list", "data": data, "has_more": more, "url": url}
}

func or(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

func orText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func texts(m map[string]string) object {
	o := object{}
	for k, v := range m {
		o[k] = v
	}
	return o
}

func (s *Server) customer(c *customer) object {
	if c.Deleted {
		return of("deleted_customer", object{"id": c.ID, "deleted": true, "object": "customer"})
	}
	return of("customer", object{
		"id": c.ID, "name": orText(c.Name), "email": orText(c.Email), "created": c.Created, "balance": c.Balance,
		"metadata": texts(c.Metadata), "currency": "gbp",
		"delinquent": false, "tax_exempt": "none", "invoice_prefix": "LOCAL",
		"invoice_settings": object{
			"custom_fields": nil, "default_payment_method": orText(c.CardID), "footer": nil, "rendering_options": nil,
		},
	})
}

func (s *Server) price(p *price) object {
	o := of("price", object{
		"id": p.ID, "active": true, "currency": "gbp", "lookup_key": p.Lookup, "product": "prod_local_" + p.Plan,
		"type": "recurring", "tax_behavior": "exclusive",
		"metadata": object{"plan": p.Plan},
		"recurring": object{
			"aggregate_usage": nil, "interval": string(p.Interval), "interval_count": 1, "usage_type": "licensed",
		},
	})
	if p.More > 0 {
		o["billing_scheme"], o["tiers_mode"] = "tiered", "graduated"
	} else {
		o["unit_amount"], o["unit_amount_decimal"] = p.Amount, strconv.FormatInt(p.Amount, 10)
	}
	return o
}

func (s *Server) subscription(sub *subscription, expand expansion) object {
	o := of("subscription", object{
		"id": sub.ID, "customer": sub.Customer, "status": string(sub.Status), "created": sub.Created,
		"start_date": sub.Created, "billing_cycle_anchor": sub.Created,
		"current_period_start": sub.Start, "current_period_end": sub.End, "currency": "gbp",
		"latest_invoice": orText(sub.Invoice), "metadata": texts(sub.Metadata),
		"trial_start": or(sub.TrialStart), "trial_end": or(sub.TrialEnd), "cancel_at_period_end": sub.CancelAtEnd,
		"canceled_at": or(sub.CanceledAt), "ended_at": or(sub.EndedAt),
		"collection_method": "charge_automatically", "automatic_tax": object{"enabled": true, "liability": nil},
		"cancellation_details": object{"comment": nil, "feedback": nil, "reason": orText(sub.Reason)},
		"items": list("/v1/subscription_items?subscription="+sub.ID, []object{of("subscription_item", object{
			"id": sub.Item, "object": "subscription_item", "created": sub.Created, "metadata": object{},
			"price": s.price(s.Prices[sub.Price]), "quantity": sub.Quantity, "subscription": sub.ID,
		})}, false),
	})
	if sub.CancelAtEnd {
		o["cancel_at"] = sub.End
	}
	if sub.Pause != "" {
		o["pause_collection"] = object{"behavior": sub.Pause, "resumes_at": or(sub.ResumesAt)}
	}
	if sub.Pending != nil {
		o["pending_update"] = object{
			"billing_cycle_anchor": nil, "expires_at": sub.Pending.Expires, "subscription_items": nil, "trial_end": nil,
			"trial_from_plan": nil,
		}
	}
	if sub.TrialStart != 0 {
		o["trial_settings"] = object{"end_behavior": object{"missing_payment_method": "cancel"}}
	}
	if expand.has("customer") {
		o["customer"] = s.customer(s.Customers[sub.Customer])
	}
	if expand.has("latest_invoice") && sub.Invoice != "" {
		i := s.invoice(s.Invoices[sub.Invoice])
		if expand.has("latest_invoice.payment_intent") {
			i["payment_intent"] = s.payment(s.Invoices[sub.Invoice])
		}
		o["latest_invoice"] = i
	}
	return o
}

func (s *Server) payment(i *invoice) any {
	if i.Due == 0 {
		return nil
	}
	return of("payment_intent", object{
		"id": i.Payment, "amount": i.Due, "currency": "gbp", "status": i.PaymentStatus, "customer": i.Customer,
		"invoice": i.ID, "created": i.Created,
		"payment_method_types": []string{"card"}, "capture_method": "automatic", "confirmation_method": "automatic",
	})
}

func (s *Server) invoice(i *invoice) object {
	var lines []object
	for n, l := range i.Lines {
		o := of("line_item", object{
			"id": "il_" + i.ID + "_" + strconv.Itoa(n), "object": "line_item", "amount": l.Amount,
			"amount_excluding_tax": l.Amount, "currency": "gbp", "description": l.Text, "discountable": !l.Proration,
			"livemode": false, "metadata": object{}, "period": object{"start": l.Start, "end": l.End}, "proration": l.Proration,
			"proration_details": object{"credited_items": nil},
			"type":              "subscription", "subscription": i.Sub, "quantity": max(1, l.Quantity), "invoice": orText(i.ID),
			"price": s.price(s.Prices[l.Price]),
		})
		lines = append(lines, o)
	}
	paid, remaining := int64(0), i.Due
	if i.Status == "paid" {
		paid, remaining = i.Due, 0
	}
	o := of("invoice", object{
		"customer": i.Customer, "subscription": i.Sub, "status": i.Status, "billing_reason": i.Reason, "created": i.Created,
		"currency": "gbp",
		"subtotal": i.Subtotal, "subtotal_excluding_tax": i.Subtotal, "tax": i.Tax, "total": i.Total,
		"total_excluding_tax": i.Subtotal, "amount_due": i.Due,
		"amount_paid": paid, "amount_remaining": remaining, "attempt_count": i.Attempts,
		"attempted": i.Attempts > 0 || i.Status == "paid", "paid": i.Status == "paid",
		"collection_method": "charge_automatically", "lines": list("/v1/invoices/"+i.ID+"/lines", lines, false),
		"next_payment_attempt": or(i.Next), "number": orText(i.Number),
		"period_start": i.Created, "period_end": i.Created, "metadata": object{},
		"automatic_tax": object{"enabled": true, "liability": nil, "status": "complete"},
		"status_transitions": object{
			"finalized_at": or(i.Created), "marked_uncollectible_at": nil, "paid_at": or(i.PaidAt), "voided_at": nil,
		},
		"payment_settings": object{"default_mandate": nil, "payment_method_options": nil, "payment_method_types": nil},
		"issuer":           object{"type": "self"},
		"discounts":        []any{}, "total_discount_amounts": []any{}, "total_tax_amounts": []any{},
		"customer_tax_ids": []any{},
	})
	if i.ID != "" {
		o["id"], o["hosted_invoice_url"], o["invoice_pdf"] = i.ID, s.base+"/invoice/"+i.ID, s.base+"/invoice/"+i.ID+"/pdf"
		if i.Due > 0 {
			o["payment_intent"] = i.Payment
		}
	}
	return o
}

func (s *Server) checkout(c *checkout) object {
	status, payment := c.Status, "unpaid"
	if status == "complete" {
		payment = "paid"
		if c.TrialDays > 0 {
			payment = "no_payment_required"
		}
	}
	o := of("checkout.session", object{
		"id": c.ID, "customer": c.Customer, "mode": "subscription", "status": status, "payment_status": payment,
		"created": c.Created, "expires_at": c.Expires,
		"success_url": c.Success, "cancel_url": c.Cancel, "client_reference_id": orText(c.Reference),
		"subscription": orText(c.Sub), "currency": "gbp", "metadata": object{},
		"automatic_tax": object{"enabled": true, "liability": nil, "status": nil}, "payment_method_types": []string{"card"},
		"ui_mode": "hosted",
		"custom_text": object{
			"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil,
		},
		"payment_method_collection": "always",
	})
	if c.CardOptional {
		o["payment_method_collection"] = "if_required"
	}
	if status == "open" {
		o["url"] = s.base + "/pay/" + c.ID
	}
	if sub := s.Subs[c.Sub]; sub != nil {
		o["invoice"] = orText(sub.Invoice)
	}
	return o
}

func (s *Server) portal(p *portal) object {
	o := of("billing_portal.session", object{
		"id": p.ID, "configuration": "bpc_local", "customer": p.Customer, "created": p.Created, "return_url": p.Return,
		"url": s.base + "/portal/" + p.ID,
	})
	if p.Flow != "" {
		o["flow"] = object{
			"type": p.Flow,
			"after_completion": object{
				"hosted_confirmation": nil, "redirect": object{"return_url": p.Return}, "type": "redirect",
			},
			"subscription_cancel": nil, "subscription_update": nil, "subscription_update_confirm": nil,
		}
	}
	return o
}

func (s *Server) event(e *event) object {
	var data object
	_ = json.Unmarshal(e.Object, &data) // it was marshalled here
	waiting := 0
	if !e.Delivered {
		waiting = 1
	}
	return of("event", object{
		"id": e.ID, "type": e.Type, "created": e.Created, "api_version": Version, "livemode": false,
		"pending_webhooks": waiting,
		"request":          object{"id": nil, "idempotency_key": nil}, "data": object{"object": data},
	})
}

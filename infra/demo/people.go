package main

import (
	"context"
	"fmt"

	"github.com/mi-telecom/mi-connect/infra/local/drive"
)

// Everybody here is made up. Addresses are of .example (RFC 2606), numbers of those that Ofcom keeps for drama.
var (
	owner = drive.Person{
		Email: "ada@lighthouse.example", Password: "lighthouse keepers sleep by day",
		Name: "Ada Okafor", Company: "Lighthouse Digital",
	}
	staff = []struct{ email, name, role string }{
		{"priya@lighthouse.example", "Priya Nair", "admin"},
		{"gina@lighthouse.example", "Gina Rossi", "agent"},
		{"tom@lighthouse.example", "Tom Becker", "agent"},
		{"mei@lighthouse.example", "Mei Tan", "viewer"},
	}
	clients = []string{"Harbour Heating", "Fern Street Dental", "Oakley Motors"}
)

// open signs the owner up, subscribes, and lets the staff and the clients in. It returns the clients' accounts.
func (w *world) open(ctx context.Context) ([]string, error) {
	if err := w.ada.SignUp(ctx, owner); err != nil {
		return nil, err
	}
	order := drive.Order{Plan: "agency", Interval: "month", Clients: 5, Card: drive.GoodCard}
	if err := w.ada.Subscribe(ctx, order); err != nil {
		return nil, err
	}
	// Half a year of paying: the trial and five months after it, each with its invoice.
	later := map[string]int{"hours": 24 * (14 + 5*30)}
	if err := w.ada.Post(ctx, "/_local/stripe/control/advance", later, 200, nil); err != nil {
		return nil, err
	}
	if err := w.ada.Post(ctx, "/v1/billing/refresh", nil, 200, nil); err != nil {
		return nil, err
	}
	for _, p := range staff {
		body := map[string]string{"email": p.email, "role": p.role}
		if err := w.ada.Post(ctx, "/v1/invitations", body, 201, nil); err != nil {
			return nil, err
		}
		token, err := w.ada.Mailed(ctx, p.email, "/invitation")
		if err != nil {
			return nil, err
		}
		guest := &drive.Client{Origin: w.ada.Origin}
		join := map[string]string{"token": token, "name": p.name, "password": owner.Password}
		if err := guest.Post(ctx, "/v1/invitations/join", join, 200, nil); err != nil {
			return nil, err
		}
	}
	var accounts []string
	for _, name := range clients {
		var made struct{ ID string }
		if err := w.ada.Post(ctx, "/v1/clients", map[string]string{"name": name, "payer": "agency"}, 201, &made); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		accounts = append(accounts, made.ID)
	}
	return accounts, nil
}

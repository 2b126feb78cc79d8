// Package attack is one day of somebody who means harm, against the whole product as make dev runs it: the
// built functions, the streams, the mail box.
package attack

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
)

// Mail that a customer waits for leaves within this time, whatever else the outbox holds.
const mailWithin = 10 * time.Second

// What anonymous people can send, in random order, from hundreds of networks, while an owner and a customer a
// round do what they came for. ATTACK_ROUNDS and ATTACK_SEED say how much and which order.
//
// Invariants: the owner gets in by each way there is, from where they have been before; nobody else does, also
// not by a link mailed before the owner's last change; a customer's mail leaves in time; a refusal is a
// problem document and never a 5xx.
func TestAnAttackersDay(t *testing.T) {
	if !apitest.Long {
		t.Skip("minutes of argon2: make security-test")
	}
	rounds, seed := setting(t, "ATTACK_ROUNDS", 12), setting(t, "ATTACK_SEED", int(time.Now().UnixNano()%1e6))
	t.Logf("attack: %d rounds, seed %d", rounds, seed)
	d := begin(t, rand.New(rand.NewPCG(uint64(seed), 1)), rounds)
	deeds := d.deeds()
	names := slices.Sorted(maps.Keys(deeds))
	for round := range rounds {
		for range 40 {
			name := names[d.random.IntN(len(names))]
			deeds[name]()
			d.done[name]++
		}
		d.ownerGetsIn(round)
		d.customerSignsUp(round)
		d.oldLinksAreDead()
		d.nobodyElseIsIn()
	}
	for _, name := range names {
		t.Logf("attack: %-22s %d", name, d.done[name])
	}
	t.Logf(
		"attack: %d requests, answers %v; slowest mail of a customer or the owner %.1f s", d.requests, d.statuses,
		d.slowest.Seconds(),
	)
	t.Logf(
		"attack: %d old links tried, 0 opened; %d sessions of the attacker, 0 of them the owner's", d.dead, len(d.tokens),
	)
}

func setting(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// deeds are what the attacker does, each once a call.
func (d *day) deeds() map[string]func() {
	mine := func() string { return fmt.Sprintf("mallory+%d@evil.example", d.random.IntN(1000)) }
	return map[string]func(){
		"guess a password": func() {
			d.send("/v1/login", map[string]any{"email": d.owner.email, "password": "guess " + mine()})
		},
		"sign the owner up": func() {
			d.send("/v1/register", map[string]any{
				"email": d.owner.email, "password": d.password, "name": "Mallory", "company": "http://evil.example",
			})
		},
		"ask for links": func() {
			for _, path := range []string{"/v1/login/link", "/v1/password/forgot", "/v1/recovery", "/v1/register/resend"} {
				d.send(path, map[string]any{"email": d.owner.email})
			}
		},
		"sign up where no mail goes": func() {
			for _, email := range []string{
				"münchen@evil.example", "refuse-permanent@evil.example", "refuse-temporary@evil.example",
				"a@" + strings.Repeat("b", 70) + ".example",
			} {
				d.send("/v1/register", map[string]any{"email": email, "name": "Mallory", "company": "Evil"})
			}
		},
		"sign up themselves": func() {
			email := mine()
			d.send("/v1/register", map[string]any{"email": email, "name": "Mallory", "company": "Evil"})
		},
		"complain": func() {
			d.send("/v1/complaints", map[string]any{"email": "stranger" + mine(), "message": "See http://evil.example"})
		},
		"ask for calls": func() {
			d.sendWith("/v1/callbacks",
				map[string]any{
					"site": d.siteKey, "name": "Mallory", "phone": fmt.Sprintf("+4420794609%02d", d.random.IntN(100)),
					"page": shop + "/",
				},
				map[string]string{"Origin": shop, "Idempotency-Key": fmt.Sprintf("attack-%d", d.random.Uint64())})
		},
		"invite": func() {
			d.sendAs(d.mallory, "/v1/invitations", map[string]any{"email": d.owner.email, "role": "admin"})
			d.sendAs(d.mallory, "/v1/invitations", map[string]any{"email": "refuse-permanent+" + mine(), "role": "viewer"})
		},
		"take over their address": func() {
			d.sendAs(d.mallory, "/v1/email", map[string]any{"email": d.owner.email, "password": d.password})
		},
		"passkeys": func() {
			begun := d.send("/v1/login/passkey/options", map[string]any{})
			ceremony, _ := begun.body["ceremony"].(string)
			for _, c := range []string{ceremony, ceremony, strings.Repeat("a", 5000), ""} {
				d.send("/v1/login/passkey", map[string]any{
					"ceremony": c, "credential": map[string]any{"id": "AAAA", "rawId": "AAAA", "type": "public-key"},
				})
			}
		},
		"open every link they have": d.openMine,
		"bend links":                d.bend,
	}
}

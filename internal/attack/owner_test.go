package attack

import (
	"fmt"
	"strings"
	"time"
)

// opens are the public calls that take a mailed link, and what else each is given.
var opens = map[string]func(d *day, token string) map[string]any{
	"/v1/verify": func(
		d *day, t string,
	) map[string]any {
		return map[string]any{"token": t, "password": d.password}
	},
	"/v1/login/link/open": func(_ *day, t string) map[string]any { return map[string]any{"token": t} },
	"/v1/password/reset": func(
		d *day, t string,
	) map[string]any {
		return map[string]any{"token": t, "password": d.password}
	},
	"/v1/recovery/open": func(_ *day, t string) map[string]any { return map[string]any{"token": t} },
	"/v1/recovery/finish": func(
		d *day, t string,
	) map[string]any {
		return map[string]any{"token": t, "password": d.password}
	},
	"/v1/email/confirm":    func(_ *day, t string) map[string]any { return map[string]any{"token": t} },
	"/v1/invitations/open": func(_ *day, t string) map[string]any { return map[string]any{"token": t} },
	"/v1/invitations/join": func(d *day, t string) map[string]any {
		return map[string]any{"token": t, "name": "M", "password": d.password}
	},
	"/v1/clients/invitations/open": func(_ *day, t string) map[string]any { return map[string]any{"token": t} },
}

// openMine follows every link in the attacker's own boxes.
func (d *day) openMine() {
	for _, m := range d.stack.Mail.List("") {
		if !strings.Contains(m.To, "evil.example") || d.random.IntN(4) > 0 {
			continue
		}
		for _, link := range m.Links {
			if t := token(link); t != "" {
				d.send("/v1/verify", opens["/v1/verify"](d, t))
			}
		}
	}
}

// bend gives links of the attacker to calls that they are not for, and changes a letter of them.
func (d *day) bend() {
	for _, m := range d.stack.Mail.List("mallory@evil.example") {
		for _, link := range m.Links {
			t := token(link)
			if len(t) < 10 {
				continue
			}
			for path, body := range opens {
				if path == "/v1/verify" {
					continue
				}
				at := d.random.IntN(len(t))
				d.send(path, body(d, t[:at]+"A"+t[at+1:]))
			}
		}
		break
	}
}

// ownerGetsIn walks each way in from where they have been before, and ends with a change that all links mailed
// before must not survive.
func (d *day) ownerGetsIn(round int) {
	d.t.Helper()
	from := place(round)
	in := d.ask(from, "", "POST", "/v1/login", map[string]any{"email": d.owner.email, "password": d.owner.password}, nil)
	d.owner.token = in.want(d.t, 200).text("token")

	since := time.Now()
	d.ask(from, "", "POST", "/v1/login/link", map[string]any{"email": d.owner.email}, nil).want(d.t, 202)
	link := token(d.mail(d.owner.email, "/login/link", since).Links[0])
	if round%2 == 0 {
		d.ask(from, "", "POST", "/v1/login/link/open", map[string]any{"token": link}, nil).want(d.t, 200)
	}
	// Whoever reads the owner's mail asks for a change of address and is too late to approve it.
	d.ask(
		from, d.owner.token, "POST", "/v1/email",
		map[string]any{"email": "mallory@evil.example", "password": d.owner.password}, nil,
	)

	next := fmt.Sprintf("password number %d of the owner", round)
	if round%3 == 0 {
		since = time.Now()
		d.ask(from, "", "POST", "/v1/password/forgot", map[string]any{"email": d.owner.email}, nil).want(d.t, 202)
		reset := token(d.mail(d.owner.email, "/reset", since).Links[0])
		d.ask(from, "", "POST", "/v1/password/reset", map[string]any{"token": reset, "password": next}, nil).want(d.t, 204)
	} else {
		d.ask(
			from, d.owner.token, "PUT", "/v1/password", map[string]any{"current": d.owner.password, "password": next}, nil,
		).want(d.t, 204)
	}
	d.owner.password = next
	for _, m := range d.stack.Mail.List(d.owner.email) {
		for _, l := range m.Links {
			if t := token(l); t != "" && !strings.Contains(l, "/verify") && !strings.Contains(l, "/invit") {
				d.old = append(d.old, t)
			}
		}
	}
}

func (d *day) customerSignsUp(round int) {
	d.t.Helper()
	d.signUp(
		fmt.Sprintf("127.1.%d.1", round), fmt.Sprintf("customer%d@customer%d.example", round, round),
		"a customer's own password",
	)
}

// oldLinksAreDead tries what was mailed to the owner before the last change, as somebody who has read it.
func (d *day) oldLinksAreDead() {
	d.t.Helper()
	for _, t := range d.old {
		for path, body := range opens {
			if a := d.ask(d.stranger(), "", "POST", path, body(d, t), nil); a.status < 400 {
				d.t.Errorf("%s: a link from before the owner's last change: %d %s", path, a.status, a.raw)
			}
			d.dead++
		}
	}
	d.old = nil
}

// nobodyElseIsIn asks with every token the attacker got whose it is.
func (d *day) nobodyElseIsIn() {
	d.t.Helper()
	for _, bearer := range d.tokens {
		a := d.ask(d.stranger(), bearer, "GET", "/v1/me", nil, nil)
		if user, _ := a.body["user"].(map[string]any); user != nil && user["email"] == d.owner.email {
			d.t.Fatalf("the attacker is logged in as the owner")
		}
	}
	in := d.ask(d.stranger(), "", "POST", "/v1/login", map[string]any{"email": d.owner.email, "password": d.password}, nil)
	if in.status == 200 {
		d.t.Fatal("the attacker's password logs in as the owner")
	}
}

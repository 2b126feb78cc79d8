package stripe

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

//go:embed pages.html
var pagesText string

var pages = template.Must(template.New("").Parse(pagesText))

func (s *Server) pages() {
	s.page("GET /pay/{id}", s.showPay)
	s.page("POST /pay/{id}", s.doPay)
	s.page("GET /portal/{id}", s.showPortal)
	s.page("POST /portal/{id}", s.doPortal)
	s.page("GET /invoice/{id}", s.showInvoice)
	s.page("POST /invoice/{id}", s.doInvoice)
	s.mux.HandleFunc("GET /invoice/{id}/pdf", s.pdf)
}

// A page answers with a template and what it shows, or with an address to go to.
type pageHandler func(r *http.Request) (name string, data any, to string)

func (s *Server) page(pattern string, do pageHandler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.pass(s.now())
		name, data, to := do(r)
		s.save()
		s.mu.Unlock()
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "same-origin") // with none, a form's own origin would be hidden too
		h.Set(
			"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
		)
		switch {
		case to != "":
			http.Redirect(w, r, to, http.StatusSeeOther)
		case name == "":
			http.NotFound(w, r)
		default:
			h.Set("Content-Type", "text/html; charset=utf-8")
			_ = pages.ExecuteTemplate(w, name, data)
		}
	})
}

type payPage struct {
	Session         *checkout
	Plan, Due, Then string
	Trial           int64
	Declined, Bank  bool
}

func (s *Server) showPay(r *http.Request) (string, any, string) {
	c := s.Checkouts[r.PathValue("id")]
	if c == nil {
		return "", nil, ""
	}
	if c.Status != "open" {
		return "closed", object{"Status": c.Status, "Back": c.Cancel}, ""
	}
	p := s.Prices[c.Price]
	with := p.cost(c.Quantity)
	with += rounded(with*vatPercent, 100)
	v := payPage{
		Session: c, Plan: connect.PlanOf(connect.PlanID(p.Plan)).Name, Due: connect.Pence(with).String(), Trial: c.TrialDays,
		Declined: r.URL.Query().Has("declined"), Bank: r.URL.Query().Has("bank"),
	}
	v.Then = v.Due + " a " + string(p.Interval)
	if v.Trial > 0 {
		v.Due = connect.Pence(0).String()
	}
	return "pay", v, ""
}

func (s *Server) doPay(r *http.Request) (string, any, string) {
	c := s.Checkouts[r.PathValue("id")]
	if c == nil {
		return "", nil, ""
	}
	here := s.base + "/pay/" + c.ID
	switch r.FormValue("do") {
	case "leave":
		return "", nil, c.Cancel
	case "declined":
		return "", nil, here + "?declined"
	case "3ds":
		return "", nil, here + "?bank"
	case "refuse":
		return "", nil, here + "?declined"
	case "approve":
		s.complete(c.ID, secure, s.now())
	case "good":
		s.complete(c.ID, good, s.now())
	case "none":
		if c.CardOptional && c.TrialDays > 0 {
			s.complete(c.ID, noCard, s.now())
		}
	}
	if c.Status != "complete" {
		return "", nil, here
	}
	return "", nil, c.Success
}

// complete pays a page, once.
func (s *Server) complete(id string, with card, now int64) bool {
	c := s.Checkouts[id]
	if c == nil || c.Status != "open" {
		return false
	}
	owner := s.Customers[c.Customer]
	if owner.Deleted {
		return false
	}
	if with == declined {
		return true // the page stays open
	}
	if with != noCard {
		s.attach(owner, with, now)
	}
	// The holder has just approved this payment; the next one asks again.
	pays := owner.Card
	if with == secure {
		owner.Card = good
	}
	c.Status = "complete"
	c.Sub = s.subscribe(c.Customer, c.Price, c.Quantity, c.TrialDays, c.Metadata, now).ID
	owner.Card = pays
	s.emit("checkout.session.completed", s.checkout(c), now)
	return true
}

func (s *Server) showPortal(r *http.Request) (string, any, string) {
	p := s.Portals[r.PathValue("id")]
	if p == nil {
		return "", nil, ""
	}
	c := s.Customers[p.Customer]
	var invoices []object
	for _, i := range s.invoicesOf(c.ID, "") {
		invoices = append(invoices, object{
			"ID": i.ID, "Number": i.Number, "Total": connect.Pence(i.Total).String(), "Status": i.Status,
		})
	}
	return "portal", object{
		"Portal": p, "Customer": c, "Invoices": invoices, "Base": s.base, "CardOnly": p.Flow == "payment_method_update",
	}, ""
}

func (s *Server) doPortal(r *http.Request) (string, any, string) {
	p := s.Portals[r.PathValue("id")]
	if p == nil {
		return "", nil, ""
	}
	switch do := r.FormValue("do"); do {
	case "leave":
		return "", nil, p.Return
	case string(good), string(declined), string(secure):
		s.attach(s.Customers[p.Customer], card(do), s.now())
		if p.Flow != "" {
			return "", nil, p.Return
		}
	}
	return "", nil, s.base + "/portal/" + p.ID
}

func (s *Server) showInvoice(r *http.Request) (string, any, string) {
	i := s.Invoices[r.PathValue("id")]
	if i == nil {
		return "", nil, ""
	}
	back := "/"
	if u, err := url.Parse(s.base); err == nil {
		back = u.Scheme + "://" + u.Host + "/app/billing"
	}
	return "invoice", object{
		"Invoice": i, "Total": connect.Pence(i.Due).String(), "Open": i.Status == "open", "Back": back,
		"Failed": r.URL.Query().Has("failed"), "Base": s.base,
	}, ""
}

// doInvoice pays with a new card, which the customer keeps.
func (s *Server) doInvoice(r *http.Request) (string, any, string) {
	i := s.Invoices[r.PathValue("id")]
	if i == nil {
		return "", nil, ""
	}
	here := s.base + "/invoice/" + i.ID
	if i.Status != "open" {
		return "", nil, here
	}
	switch r.FormValue("do") {
	case "good":
		s.attach(s.Customers[i.Customer], good, s.now())
		s.collect(i, good, s.now())
	case "approve":
		s.settle(i, s.now())
	default:
		return "", nil, here + "?failed"
	}
	return "", nil, here
}

// pdf is a small honest PDF: one page with the amount.
func (s *Server) pdf(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	i := s.Invoices[r.PathValue("id")]
	s.mu.Unlock()
	if i == nil {
		http.NotFound(w, r)
		return
	}
	text := fmt.Sprintf(
		"BT /F1 18 Tf 60 760 Td (Invoice %s) Tj 0 -28 Td (Total GBP %d.%02d) Tj ET", i.Number, i.Total/100,
		max(i.Total, -i.Total)%100,
	)
	out := "%PDF-1.4\n"
	var at []int
	for n, o := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(text), text),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	} {
		at = append(at, len(out))
		out += fmt.Sprintf("%d 0 obj%s endobj\n", n+1, o)
	}
	start := len(out)
	out += "xref\n0 6\n0000000000 65535 f \n"
	for _, a := range at {
		out += fmt.Sprintf("%010d 00000 n \n", a)
	}
	out += fmt.Sprintf("trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", start)
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write([]byte(out))
}

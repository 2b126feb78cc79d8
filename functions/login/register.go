package main

import (
	"cmp"
	"net/http"

	"github.com/mi-telecom/mi-connect/functions/login/guard"
	"github.com/mi-telecom/mi-connect/shared/address"
	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/password"
	"github.com/mi-telecom/mi-connect/shared/token"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// register stores the sign-up and responds the same, after the same work, whether or not the address is known: only
// the reader of its mail learns that. It records the versions of the terms that the page showed.
//
// The password is set by whoever follows the mailed link: if it were set here, a stranger could sign somebody up and
// wait with a password of their own. A given one is checked for early feedback, and not stored.
func (h *handlers) register(r *http.Request, in *api.SignUp) error {
	var p connect.Problems
	ctx, caller := r.Context(), web.CallerOf(r)
	reg := connect.Registration{
		ID: token.NewID(), ExpiresAt: caller.At.Add(connect.VerificationLife),
		TermsVersion: connect.TermsVersion, DPAVersion: connect.DPAVersion,
	}
	var err error
	reg.Email = address.Email(&p, in.Email)
	if in.Password != nil {
		if err := password.CheckNew(*in.Password, in.Company, in.Name, reg.Email.Local()); err != nil {
			p.Add("password", err.Error())
		}
	}
	reg.Name = p.Line("name", in.Name, 100)
	reg.Company = p.Line("company", in.Company, 100)
	wished(&p, &reg, in)
	if err := p.Err(); err != nil {
		return err
	}
	allowed, err := h.guard.MayMail(ctx, caller, guard.SignUpMail, reg.Email, "")
	if err != nil {
		return err
	}
	reg.Unmailed = !allowed
	return h.store.Register(ctx, reg, caller.At)
}

// wished keeps the plan that was chosen on the price list until the account is there.
func wished(p *connect.Problems, reg *connect.Registration, in *api.SignUp) {
	plan := connect.PlanID(api.Value(in.Plan))
	if plan == "" {
		return
	}
	if connect.PlanOf(plan).ID != plan || plan == connect.Free.ID {
		p.Add("plan", "Choose starter, business or agency.")
	}
	reg.Plan, reg.Interval = plan, cmp.Or(api.Value(in.Interval), connect.Monthly)
	if !reg.Interval.Valid() {
		p.Add("interval", "Choose month or year.")
	}
}

// resend mails the link of a sign-up again.
func (h *handlers) resend(r *http.Request, in *api.EmailAddress) error {
	var p connect.Problems
	email := address.Email(&p, in.Email)
	if err := p.Err(); err != nil {
		return err
	}
	ctx, caller := r.Context(), web.CallerOf(r)
	allowed, err := h.guard.MayMail(ctx, caller, guard.ResendMail, email, "")
	if err != nil {
		return err
	}
	id, err := h.store.PendingRegistration(ctx, email, caller.At)
	if err != nil {
		return err
	}
	return h.store.ResendVerification(ctx, id, allowed, caller.At)
}

// registration opens the link of a sign-up.
func (h *handlers) registration(r *http.Request, link string) (connect.Registration, error) {
	id, ok := h.links.Open(connect.PurposeVerify, link)
	if !ok {
		return connect.Registration{}, connect.ErrLinkInvalid
	}
	return h.store.Registration(r.Context(), id, web.Now(r))
}

// openRegistration returns the sign-up behind a link. It changes nothing: mail programs visit links.
func (h *handlers) openRegistration(r *http.Request, in *api.LinkToken) (*api.PendingRegistration, error) {
	reg, err := h.registration(r, in.Token)
	if err != nil {
		return nil, err
	}
	out := &api.PendingRegistration{
		Email: reg.Email, Name: reg.Name, Company: reg.Company, ExpiresAt: reg.ExpiresAt,
	}
	if reg.Plan != "" {
		plan := api.PaidPlanID(reg.Plan)
		out.Plan, out.Interval = &plan, &reg.Interval
	}
	return out, nil
}

// verify turns a sign-up into an account with the password that the reader of the mail chooses, and logs the
// browser in. Name and company can be corrected: a stranger may have typed them.
func (h *handlers) verify(r *http.Request, in *api.Verification) (*api.NewSession, error) {
	reg, err := h.registration(r, in.Token)
	if err != nil {
		return nil, err
	}
	var p connect.Problems
	if in.Name != nil {
		reg.Name = p.Line("name", *in.Name, 100)
	}
	if in.Company != nil {
		reg.Company = p.Line("company", *in.Company, 100)
	}
	if err := password.CheckNew(in.Password, reg.Company, reg.Name, reg.Email.Local()); err != nil {
		p.Add("password", err.Error())
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	caller := web.CallerOf(r)
	t, s := newSession(caller, h.guard.Device(caller, connect.NewUserID()))
	hash := password.Hash(in.Password)
	if err := h.store.CompleteRegistration(r.Context(), reg, hash, t, s, caller.At); err != nil {
		return nil, err
	}
	return &api.NewSession{Token: t.Text, ExpiresAt: s.ExpiresAt}, nil
}

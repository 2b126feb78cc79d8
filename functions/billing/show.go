package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// Amounts are whole pence; times are RFC 3339.

type limitsJSON struct {
	Sites     int   `json:"sites"`
	Members   int   `json:"members"`
	Callbacks int64 `json:"callbacks"`
	KeepDays  int   `json:"keepDays"`
	Clients   int   `json:"clients"`
	API       bool  `json:"api"`
}

type planJSON struct {
	ID          connect.PlanID `json:"id"`
	Name        string         `json:"name"`
	Rank        int            `json:"rank"`
	Month       connect.Pence  `json:"month"`
	Year        connect.Pence  `json:"year"`
	ClientMonth connect.Pence  `json:"clientMonth"`
	ClientYear  connect.Pence  `json:"clientYear"`
	Limits      limitsJSON     `json:"limits"`
}

func limitsOf(l connect.Limits) limitsJSON {
	return limitsJSON{l.Sites, l.Members, l.Callbacks, l.KeepDays, l.Clients, l.API}
}

func planOf(p connect.Plan) planJSON {
	return planJSON{
		p.ID, p.Name, p.Rank, p.Price(connect.Monthly), p.Price(connect.Yearly), p.ClientPrice(connect.Monthly), p.ClientPrice(connect.Yearly), limitsOf(p.Limits),
	}
}

type subscriptionJSON struct {
	Status     connect.Paying   `json:"status"`
	Plan       connect.PlanID   `json:"plan"`
	Interval   connect.Interval `json:"interval"`
	Clients    int64            `json:"clients"`
	PeriodEnd  *time.Time       `json:"periodEnd"`
	TrialEnd   *time.Time       `json:"trialEnd"`
	EndsAt     *time.Time       `json:"endsAt"`
	EndedAt    *time.Time       `json:"endedAt"`
	HasCard    bool             `json:"hasCard"`
	Duplicates int              `json:"duplicates"`
	Pause      *pauseJSON       `json:"pause"`
}

// pauseJSON says that no payments are taken for a while; the plan stays.
type pauseJSON struct {
	Until *time.Time `json:"until"` // null: until further notice
	Later bool       `json:"later"` // what falls due meanwhile is collected afterwards
}

type usageJSON struct {
	Sites     int   `json:"sites"`
	Members   int   `json:"members"`
	Clients   int   `json:"clients"`
	Callbacks int64 `json:"callbacks"`
}

type billingJSON struct {
	Plan         planJSON          `json:"plan"`
	Limits       limitsJSON        `json:"limits"`
	Access       string            `json:"access"`
	Notice       connect.Notice    `json:"notice"`
	Subscription *subscriptionJSON `json:"subscription"`
	TrialDays    int               `json:"trialDays"` // of a first subscription; 0 when the trial was used
	Usage        usageJSON         `json:"usage"`
	PaidBy       string            `json:"paidBy,omitempty"` // the agency that pays
	MayPay       bool              `json:"mayPay"`           // the owner may, others may look
	ClosingAt    *time.Time        `json:"closingAt"`        // while the account is being closed nothing can be begun
	Plans        []planJSON        `json:"plans"`
}

func (h *handlers) show(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	sub, err := h.store.Subscription(r.Context(), who.Account)
	if err != nil {
		return err
	}
	return h.answer(w, r, who, sub)
}

func (h *handlers) answer(w http.ResponseWriter, r *http.Request, who connect.Identity, sub *connect.Subscription) error {
	now := web.Now(r)
	usage, err := h.store.Usage(r.Context(), who.Account, now)
	if err != nil {
		return err
	}
	e, err := h.store.Entitlement(r.Context(), who.Account, now)
	if err != nil {
		return err
	}
	account, err := h.store.Account(r.Context(), who.Account)
	if err != nil {
		return err
	}
	out := billingJSON{
		ClosingAt: some(account.ClosingAt), Plan: planOf(e.Plan), Limits: limitsOf(e.Limits), Access: e.Access.String(), Notice: e.Notice, MayPay: who.Role >= connect.Owner,
		Usage: usageJSON{usage.Sites, usage.Members, usage.Clients, usage.Callbacks}, PaidBy: e.PaidBy,
	}
	if !sub.Trialled {
		out.TrialDays = connect.TrialDays
	}
	if sub.Paying != connect.Unsubscribed {
		out.Subscription = &subscriptionJSON{
			Status: sub.Paying, Plan: sub.Plan, Interval: sub.Interval, Clients: sub.Quantity, PeriodEnd: some(sub.PeriodEnd), TrialEnd: some(sub.TrialEnd),
			EndsAt: some(sub.EndsAt), EndedAt: some(sub.EndedAt), HasCard: sub.HasCard, Duplicates: len(sub.Duplicates),
		}
		if p := sub.Pause; p.Behavior != "" && sub.Paying.Live() {
			out.Subscription.Pause = &pauseJSON{some(p.Until), p.Behavior == connect.KeepDrafts}
		}
	}
	for _, p := range connect.Plans {
		out.Plans = append(out.Plans, planOf(p))
	}
	return web.JSON(w, http.StatusOK, out)
}

func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// refresh asks Stripe before it answers: who comes back from Stripe's page sees the truth, also when no
// webhook has arrived yet. What the address of the page says is not looked at.
func (h *handlers) refresh(w http.ResponseWriter, r *http.Request, who connect.Identity) error {
	ctx := r.Context()
	sub, err := h.store.Subscription(ctx, who.Account)
	if err != nil {
		return err
	}
	if sub.Customer == "" {
		return h.answer(w, r, who, sub)
	}
	if _, err := h.keeper.Apply(ctx, who.Account, sub.Customer, "", web.Now(r)); err != nil {
		return err
	}
	return h.show(w, r, who)
}

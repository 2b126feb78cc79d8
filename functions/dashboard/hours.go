package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
	"github.com/mi-telecom/mi-connect/shared/web"
)

const (
	previewSlots    = 12
	previewHolidays = 4
)

// showHours suggests office hours where nothing is stored.
func (h *handlers) showHours(r *http.Request, who connect.Identity, id string) (*api.OpeningHours, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	rules, err := h.store.Hours(r.Context(), site.Account, site.ID)
	if err == nil && rules == nil {
		rules = hours.Default()
	}
	return rules, err
}

func (h *handlers) changeHours(
	r *http.Request, who connect.Identity, id string, in *api.OpeningHours,
) (*api.OpeningHours, error) {
	site, _, err := h.changeable(r, who, id)
	if err != nil {
		return nil, err
	}
	if err := in.Check(); err != nil {
		return nil, err
	}
	entry := web.AuditEntry(r, who, connect.HoursChanged, site.Name)
	if err := h.store.ChangeHours(r.Context(), site, in, entry); err != nil {
		return nil, err
	}
	return in, nil
}

// previewHours says what hours would mean, by the functions that list and accept slots.
func (h *handlers) previewHours(
	r *http.Request, who connect.Identity, id string, query previewHoursQuery, in *api.OpeningHours,
) (*api.HoursPreview, error) {
	site, err := h.site(r, who, id)
	if err != nil {
		return nil, err
	}
	if err := in.Check(); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return nil, err
	}
	rules, _ := in.For(query.Department)
	now, schedule := web.Now(r), rules.In(zone)
	changes, _ := schedule.Change(now)
	out := &api.HoursPreview{
		TimeZone: site.TimeZone, Open: schedule.IsOpen(now), ChangesAt: api.OptionalTime(changes.UTC()),
		Slots: []api.Slot{}, BankHolidays: []api.BankHoliday{}, KnownUntil: string(hours.HolidaysKnownUntil()),
	}
	holidays := in.Nation.Holidays(schedule.Date(now))
	out.BankHolidays = append(out.BankHolidays, holidays[:min(previewHolidays, len(holidays))]...)
	for slot := range schedule.Slots(now, now, schedule.Horizon(now).Add(time.Second)) {
		if len(out.Slots) == previewSlots {
			break
		}
		out.Slots = append(out.Slots, api.Slot{At: slot.Start.UTC(), Until: slot.End.UTC()})
	}
	return out, nil
}

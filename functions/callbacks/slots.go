package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// opening is a site and when it, or a department of it, takes calls: without rules at any time.
type opening struct {
	site     *connect.Site
	rules    *hours.Rules
	calendar string // in which its slots are counted
	hours.Schedule
}

func (h *handlers) openingHours(ctx context.Context, site *connect.Site, department string) (*opening, error) {
	o := &opening{site: site}
	rules, err := h.store.Hours(ctx, site.Account, site.ID)
	if err != nil || rules == nil || !rules.Enabled {
		return o, err
	}
	zone, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return nil, err
	}
	o.rules, o.calendar = rules.For(department)
	o.Schedule = o.rules.In(zone)
	return o, nil
}

// of is what the same rules say of a department.
func (o *opening) of(department string) *opening {
	d := *o
	d.rules, d.calendar = o.rules.For(department)
	d.Schedule = o.In(d.rules)
	return &d
}

// ownHours are those of the site that a request was sent to. A site that is gone has none, nor have requests that
// were made before sites had any.
func (h *handlers) ownHours(ctx context.Context, c *connect.Callback) (*opening, error) {
	if c.SiteKey == "" {
		return &opening{}, nil
	}
	site, err := h.store.SiteByKey(ctx, c.SiteKey)
	if errors.Is(err, connect.ErrNotFound) {
		return &opening{}, nil
	}
	if err != nil {
		return nil, err
	}
	return h.openingHours(ctx, site, c.Department)
}

// describe is what the widget needs to know, nil for a site without opening hours.
func (o *opening) describe(now time.Time) *api.WidgetHours {
	if o.rules == nil {
		return nil
	}
	changes, _ := o.Change(now)
	out := &api.WidgetHours{
		TimeZone: o.site.TimeZone, Open: o.IsOpen(now), ChangesAt: api.OptionalTime(changes.UTC()),
		WithinMinutes: o.rules.Promise.Within, Departments: []api.WidgetDepartment{},
	}
	for _, d := range o.rules.Departments {
		its := o.of(d.Name)
		changes, _ := its.Change(now)
		out.Departments = append(out.Departments, api.WidgetDepartment{
			Name: d.Name, Open: its.IsOpen(now), ChangesAt: api.OptionalTime(changes.UTC()),
		})
	}
	return out
}

// promise gives a new request its slot and the instant that it is due.
func (h *handlers) promise(r *http.Request, site *connect.Site, c *connect.Callback) error {
	open, err := h.openingHours(r.Context(), site, c.Department)
	if err == nil {
		c.Department = cmp.Or(open.calendar, c.Department) // as the site writes it: pages may write it otherwise
		err = open.book(c, web.Now(r))
	}
	return h.withSlots(r, site, c.Department, err)
}

// book gives c the slot at c.At, or none for a call as soon as possible, and says until when it is promised. It
// returns connect.ErrClosed and connect.ErrSlotGone for a time that is not offered.
func (o *opening) book(c *connect.Callback, now time.Time) error {
	c.Slot, c.Calendar, c.Due, c.Tasks = time.Time{}, "", time.Time{}, nil
	if o.rules == nil {
		return nil
	}
	if c.At.IsZero() {
		if within := time.Duration(o.rules.Promise.Within) * time.Minute; within > 0 {
			c.Due, _ = o.Schedule.Due(now, within)
			half, _ := o.Schedule.Due(now, within/2)
			most, _ := o.Schedule.Due(now, within*4/5)
			o.watch(c, half, most)
		}
		return nil
	}
	slot, ok := o.Accepts(now, c.At)
	switch {
	case !ok && o.IsOpen(c.At):
		return connect.ErrSlotGone
	case !ok:
		return connect.ErrClosed
	}
	c.Slot, c.Calendar, c.Capacity = slot.Start, o.calendar, o.rules.Capacity
	tolerance := time.Duration(o.rules.Promise.Tolerance) * time.Minute
	c.Due = slot.Start.Add(tolerance)
	o.watch(c, slot.Start.Add(tolerance/2), slot.Start.Add(tolerance*4/5))
	return nil
}

// watch says where c's promise is counted, and has it broken when it is due. The people on duty are reminded when half
// and when most of its time is over: for a call as soon as possible the time runs, while open, from the request; for a
// booked one from the slot's start. A reminder that leaves less than the clock's own minute is of no use.
func (o *opening) watch(c *connect.Callback, half, most time.Time) {
	if c.Due.IsZero() {
		return
	}
	of := connect.Task{Account: o.site.Account, Site: o.site.ID, Callback: c.ID, For: c.Due}
	tasks := map[connect.TaskKind]time.Time{connect.TaskPromiseHalf: half, connect.TaskPromiseMost: most}
	if c.BrokenAt.IsZero() { // a request is late only once
		c.DueHour, c.DueFor = o.Hour(c.Due), o.calendar
		tasks[connect.TaskPromiseDue] = c.Due.Add(time.Millisecond) // at Due itself it can still be kept
	}
	for kind, at := range tasks {
		if kind == connect.TaskPromiseDue || c.Due.Sub(at) >= time.Minute {
			of.Kind, of.At = kind, at
			c.Tasks = append(c.Tasks, of)
		}
	}
}

const (
	pageDays  = 7   // days with free slots that one page has at most
	pageSlots = 100 // at which it ends with the day
	pageReads = 5   // of the counts, before a page without a free slot is returned
	instead   = 3   // slots that a refusal names
)

// listSlots is public and the same for every visitor, so caches may keep it for a moment.
func (h *handlers) listSlots(r *http.Request, key string, query listSlotsQuery) (*api.SlotList, error) {
	site, err := h.site(r, key)
	if err != nil {
		return nil, err
	}
	open, err := h.openingHours(r.Context(), site, query.Department)
	if err != nil {
		return nil, err
	}
	out := &api.SlotList{TimeZone: site.TimeZone, Slots: []api.Slot{}}
	_, runs, err := h.store.WidgetStatus(r.Context(), site, web.Now(r))
	if err != nil || open.rules == nil || !runs {
		return out, err
	}
	from := open.Date(web.Now(r))
	if query.From != "" {
		day, ok := connect.ParseDate(query.From)
		if !ok {
			var p connect.Problems
			p.Add("from", "Enter a day such as 2026-11-24.")
			return nil, p.Err()
		}
		from = max(from, day)
	}
	free, next, err := h.freeSlots(r, open, from)
	if err != nil {
		return nil, err
	}
	for _, slot := range free {
		out.Slots = append(out.Slots, api.Slot{At: slot.Start.UTC(), Until: slot.End.UTC()})
	}
	out.Next = api.Optional(string(next))
	return out, nil
}

// freeSlots are those of the first days from a day on that have room, and the day after them, "" at the horizon.
func (h *handlers) freeSlots(
	r *http.Request, open *opening, from connect.Date,
) (free []hours.Slot, next connect.Date, err error) {
	for range pageReads {
		var slots []hours.Slot
		if slots, next = open.page(from, web.Now(r)); len(slots) == 0 {
			return nil, next, nil
		}
		booked, err := h.store.BookedSlots(
			r.Context(), open.site.ID, open.calendar, slots[0].Start, slots[len(slots)-1].Start)
		if err != nil {
			return nil, "", err
		}
		for _, slot := range slots {
			if booked[slot.Start.Unix()] < open.rules.Capacity {
				free = append(free, slot)
			}
		}
		if len(free) > 0 || next == "" {
			break
		}
		from = next
	}
	return free, next, nil
}

// page lists the slots of some days, whatever is booked, and the day after them, "" at the horizon.
func (o *opening) page(from connect.Date, now time.Time) (slots []hours.Slot, next connect.Date) {
	last := o.Date(o.Horizon(now))
	days := 0
	for d := from; d <= last; d = d.Add(1) {
		if days == pageDays || len(slots) >= pageSlots {
			return slots, d
		}
		before := len(slots)
		for slot := range o.Slots(now, o.Begin(d), o.Begin(d.Add(1))) {
			slots = append(slots, slot)
		}
		if len(slots) > before {
			days++
		}
	}
	return slots, ""
}

// withSlots adds to a refusal of a time what can be booked instead; other errors stay as they are.
func (h *handlers) withSlots(r *http.Request, site *connect.Site, department string, err error) error {
	e, ok := errors.AsType[*connect.Error](err)
	if !ok || site == nil || !errors.Is(e, connect.ErrSlotGone) && !errors.Is(e, connect.ErrClosed) {
		return err
	}
	open, failed := h.openingHours(r.Context(), site, department)
	if failed != nil || open.rules == nil {
		return err
	}
	free, _, failed := h.freeSlots(r, open, open.Date(web.Now(r)))
	if failed != nil {
		return err
	}
	free = free[:min(instead, len(free))]
	said := *e
	at := []time.Time{}
	for _, slot := range free {
		at = append(at, slot.Start.UTC())
	}
	said.Extra = map[string]any{"slots": at}
	// A form with a free time field says no more than this.
	if len(free) > 0 {
		said.Message += " The next: " + named(free) + "."
		said.Fields = []connect.FieldError{{Field: "at", Message: said.Message}}
	}
	return &said
}

// named writes slots as the site's clock shows them: "Fri 27 Nov, 11:00, 11:30 and Mon 30 Nov, 09:00 (GMT)".
func named(slots []hours.Slot) string {
	text, day := "", ""
	for n, slot := range slots {
		if n > 0 && n == len(slots)-1 {
			text += " and "
		} else if n > 0 {
			text += ", "
		}
		if d := slot.Start.Format("Mon 2 Jan, "); d != day {
			text, day = text+d, d
		}
		text += slot.Start.Format("15:04")
	}
	return text + slots[0].Start.Format(" (MST)")
}

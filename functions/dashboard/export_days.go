package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// exportBytes bounds a part well under the 6 MB that Lambda can answer.
const exportBytes = 2 << 20

// exportDays is a site's statistics of a year, or of what fits of it, from "<year>" or "<year>-<month>-<day>" on: for
// each month what it tells of opens and requests, then its days as far as they may be divided.
func (h *handlers) exportDays(
	r *http.Request, out api.ExportPart, sites []*connect.Site, id connect.SiteID, at string,
) (api.ExportPart, string, error) {
	if len(at) == 4 {
		at += "-01-01"
	}
	from, err := time.Parse(time.DateOnly, at)
	if err != nil || from.Year() < 2020 || from.Year() > 2199 {
		return out, "", errExportCursor
	}
	cursor := "statistics/" + string(id) + "/"
	size := 0
	add := func(item map[string]any) (full bool, err error) {
		text, err := json.Marshal(item)
		if err != nil {
			return false, err
		}
		if size += len(text); size > exportBytes && len(out.Items) > 0 {
			return true, nil
		}
		out.Items = append(out.Items, json.RawMessage(text))
		return false, nil
	}
	year := strconv.Itoa(from.Year())
	for month := connect.DateOf(from).Month(); string(month[:4]) == year; month = month.Next() {
		days, err := h.store.Days(r.Context(), id, month.First(), month.Last())
		if err != nil {
			return out, "", err
		}
		before := len(out.Items)
		if len(days) > 0 && days[0].Date >= connect.Date(at) && month.Closed(web.Now(r)) {
			if full, err := add(exportedMonth(month, days)); full || err != nil {
				return out, cursor + string(days[0].Date), err
			}
		}
		for n, d := range days {
			if d.Date < connect.Date(at) {
				continue // it was in the part before
			}
			full, err := add(exportedDay(d))
			if full && n == 0 {
				out.Items = out.Items[:before] // its month comes with it
			}
			if full || err != nil {
				return out, cursor + string(d.Date), err
			}
		}
	}
	if from.Year() <= web.Now(r).Year() { // a site east of us may be in the new year already
		return out, cursor + strconv.Itoa(from.Year()+1), nil
	}
	return out, afterSite(sites, id), nil
}

func exportedDay(d *connect.Day) map[string]any {
	visits := func(pick func(*connect.Day) connect.Breakdown) map[string]any {
		out := map[string]any{}
		for name, e := range d.Division(pick).Breakdown {
			line := map[string]int64{"impressions": e.Impressions}
			if e.Missed > 0 {
				line["uncertainty"] = e.Missed
			}
			out[name] = line
		}
		return out
	}
	return map[string]any{
		"date": d.Date, "totals": d.Total, "hours": d.Hours, "filtered": d.Filtered,
		"pages": visits(pages), "sources": visits(sources), "devices": visits(devices),
	}
}

func exportedMonth(month connect.YearMonth, days []*connect.Day) map[string]any {
	told := func(pick func(*connect.Day) connect.Breakdown) any {
		return breakdownRows(nil, []connect.Summary{connect.MonthDivision(days, pick)})
	}
	return map[string]any{"month": month, "pages": told(pages), "sources": told(sources), "devices": told(devices)}
}

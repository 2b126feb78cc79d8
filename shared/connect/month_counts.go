package connect

// MonthCounts is what is counted of one site in one month: the sum of its days, and each day's totals.
type MonthCounts struct {
	Month    YearMonth
	Total    Count
	Days     map[int]Count // 1 to 31; none for a day on which nothing was counted
	Week     WeekHours
	Filtered map[FilterReason]int64
	// As they may be shown together: see MonthDivision.
	Pages, Referrers, Devices Summary
}

// WeekHours are the hours of a week, from Monday's first.
type WeekHours [7][24]Count

// Add counts the day's hours.
func (w *WeekHours) Add(d *Day) {
	weekday := d.Date.weekday()
	for hour, c := range d.Hours {
		if hour >= 0 && hour < 24 {
			w[weekday][hour] = w[weekday][hour].Plus(c)
		}
	}
}

// AddUp returns the month of which these are the days.
func AddUp(m YearMonth, days []*Day) *MonthCounts {
	c := &MonthCounts{Month: m, Days: map[int]Count{}, Filtered: map[FilterReason]int64{}}
	for _, d := range days {
		c.Total = c.Total.Plus(d.Total)
		if n := m.First().Days(d.Date); d.Total != (Count{}) {
			c.Days[n] = d.Total
		}
		c.Week.Add(d)
		for reason, n := range d.Filtered {
			c.Filtered[reason] += n
		}
	}
	c.Pages = MonthDivision(days, func(d *Day) Breakdown { return d.Pages })
	c.Referrers = MonthDivision(days, func(d *Day) Breakdown { return d.Referrers })
	c.Devices = MonthDivision(days, func(d *Day) Breakdown { return d.Devices })
	return c
}

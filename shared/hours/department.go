package hours

import (
	"strconv"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Department is a part of the business whose calls have slots of their own, so that one that is busy does not close
// another. Lead time, horizon, slot length, bank holidays and promise are the site's.
type Department struct {
	Name       string       `json:"name"`
	Capacity   int          `json:"capacity"` // calls that one of its slots takes
	OwnHours   bool         `json:"ownHours"` // false keeps its week and exceptions and ignores them
	Week       []WeeklySpan `json:"week"`
	Exceptions []Exception  `json:"exceptions"` // in place of the site's
}

// Limits of departments.
const (
	MaxDepartments    = 12
	MaxDepartmentName = 60
)

// Department returns the listed department that a text names, whatever its case; nil for none.
func (r *Rules) Department(name string) *Department {
	for n := range r.Departments {
		if strings.EqualFold(r.Departments[n].Name, strings.TrimSpace(name)) {
			return &r.Departments[n]
		}
	}
	return nil
}

// DepartmentNames lists the departments; r may be nil, of a site without hours.
func (r *Rules) DepartmentNames() (names []string) {
	if r == nil {
		return nil
	}
	for _, d := range r.Departments {
		names = append(names, d.Name)
	}
	return names
}

// For returns the rules as they are for a department, and the name of the calendar that its slots are counted in. One
// that is not listed has the site's: pages may name departments that nobody set up.
func (r *Rules) For(department string) (rules *Rules, calendar string) {
	d := r.Department(department)
	if d == nil {
		return r, ""
	}
	own := *r
	own.Capacity = d.Capacity
	if d.OwnHours {
		own.Week, own.Exceptions = d.Week, d.Exceptions
	}
	return &own, d.Name
}

func (r *Rules) checkDepartments(p *connect.Problems) {
	if len(r.Departments) > MaxDepartments {
		p.Add("departments", "At most "+strconv.Itoa(MaxDepartments)+" departments.")
		return
	}
	if r.Departments == nil {
		r.Departments = []Department{}
	}
	seen := map[string]bool{}
	for n := range r.Departments {
		d := &r.Departments[n]
		field := "departments." + strconv.Itoa(n)
		d.Name = p.Line(field+".name", d.Name, MaxDepartmentName)
		if folded := strings.ToLower(d.Name); seen[folded] {
			p.Add(field+".name", "Another department has this name.")
		} else {
			seen[folded] = true
		}
		between(p, field+".capacity", d.Capacity, 1, MaxCapacity)
		d.Week = checkWeek(p, field+".", d.Week)
		d.Exceptions = checkExceptions(p, field+".", d.Exceptions)
		if r.Enabled && d.OwnHours && len(d.Week) == 0 && len(d.Exceptions) == 0 {
			p.Add(field+".week", "Add the hours of at least one day.")
		}
	}
}

package hours

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Nation is whose bank holidays a site keeps.
type Nation string

const (
	NoNation        Nation = ""
	England         Nation = "england"
	Wales           Nation = "wales"
	Scotland        Nation = "scotland"
	NorthernIreland Nation = "northern-ireland"
)

func (n Nation) valid() bool {
	switch n {
	case NoNation, England, Wales, Scotland, NorthernIreland:
		return true
	}
	return false
}

// Bank holidays are proclaimed, not computed: `make holidays` writes the table, and it says how far it knows.
//
//go:embed holidays.json
var table []byte

// Holiday is one bank holiday. A holiday at a weekend is listed with its substitute day.
type Holiday struct {
	Date connect.Date `json:"date"`
	Name string       `json:"name"`
}

type known struct {
	Source  string                             `json:"source"`
	Until   connect.Date                       `json:"until"`
	Nations map[Nation]map[connect.Date]string `json:"nations"`
}

var holidays = sync.OnceValue(func() *known {
	k := &known{}
	if err := json.Unmarshal(table, k); err != nil {
		panic("hours: holidays.json: " + err.Error()) // embedded, and read by the tests
	}
	return k
})

// HolidaysKnownUntil is the last day whose bank holidays are known.
func HolidaysKnownUntil() connect.Date { return holidays().Until }

// Holiday returns the name of a nation's bank holiday, "" for another day.
func (n Nation) Holiday(d connect.Date) string { return holidays().Nations[n][d] }

// Holidays lists a nation's bank holidays from a day on, in order.
func (n Nation) Holidays(from connect.Date) []Holiday {
	var list []Holiday
	for d, name := range holidays().Nations[n] {
		if d >= from {
			list = append(list, Holiday{d, name})
		}
	}
	slices.SortFunc(list, func(a, b Holiday) int { return strings.Compare(string(a.Date), string(b.Date)) })
	return list
}

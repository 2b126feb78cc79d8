package connect

import "strings"

// BrowserName says a browser and a system by name, "Firefox on Windows", and no more of a User-Agent header
// than its owner needs to know the device again.
func BrowserName(userAgent string) string {
	return firstOf(userAgent, "A browser", browsers) + " on " + firstOf(userAgent, "an unknown system", systems)
}

// BrowserFamily is BrowserName's first half.
func BrowserFamily(userAgent string) string { return firstOf(userAgent, "A browser", browsers) }

// Browsers name the ones they descend from as well, so the order decides.
var browsers = [][2]string{
	{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"},
	{"FxiOS", "Firefox"},
	{"Chrome", "Chrome"}, {"CriOS", "Chrome"}, {"Safari", "Safari"}, {"curl", "curl"},
}

var systems = [][2]string{
	{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS", "macOS"},
	{"CrOS", "ChromeOS"}, {"Linux", "Linux"},
}

func firstOf(userAgent, none string, names [][2]string) string {
	for _, n := range names {
		if strings.Contains(userAgent, n[0]) {
			return n[1]
		}
	}
	return none
}

package connect

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// robots.txt is a kept list: `make robots`.
//
//go:embed robots.txt
var robotWords string

// robotWord is a word of a robot's agent, with what must not stand beside it.
type robotWord struct {
	text          string
	starts, ends  bool     // it is a word's beginning, or its end
	after, before []string // it does not follow these, and these do not follow it
}

// robotList holds the words by their first letter: an agent is gone through once. One regular expression of all takes
// fifty times as long, and its time at the start: BenchmarkIsBot.
var robotList = sync.OnceValue(func() *[256][]robotWord { return parseRobots(robotWords) })

func parseRobots(text string) *[256][]robotWord {
	var list [256][]robotWord
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		var w robotWord
		line, w.starts = strings.CutPrefix(line, `\b`)
		line, w.ends = strings.CutSuffix(line, `\b`)
		if rest, ok := strings.CutPrefix(line, "(?<!"); ok {
			before, rest, _ := strings.Cut(rest, ")")
			w.after, line = strings.Split(before, "|"), rest
		}
		if rest, ok := strings.CutSuffix(line, ")"); ok && strings.Contains(rest, "(?!") {
			text, after, _ := strings.Cut(rest, "(?!")
			w.before, line = strings.Split(after, "|"), text
		}
		w.text = strings.ReplaceAll(line, `\`, "")
		list[w.text[0]] = append(list[w.text[0]], w)
	}
	return &list
}

// at reports whether the word is at a place of a lower-case agent.
func (w *robotWord) at(ua string, start int) bool {
	if !strings.HasPrefix(ua[start:], w.text) {
		return false
	}
	end := start + len(w.text)
	return (!w.starts || edge(ua, start)) && (!w.ends || edge(ua, end)) &&
		!slices.ContainsFunc(w.after, func(s string) bool { return strings.HasSuffix(ua[:start], s) }) &&
		!slices.ContainsFunc(w.before, func(s string) bool { return strings.HasPrefix(ua[end:], s) })
}

// edge reports whether a word begins or ends at a place of s.
func edge(s string, at int) bool {
	return (at > 0 && wordByte(s[at-1])) != (at < len(s) && wordByte(s[at]))
}

func wordByte(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' }

// IsBot reports whether a User-Agent header is a robot's: it says so, or is no browser's. A browser that is driven by a
// program may be a test or a person's tool and counts as a visit, and so does one that does not say what it is.
func IsBot(userAgent string) bool {
	if userAgent == "" {
		return false
	}
	ua := strings.ToLower(userAgent)
	if noBrowser(ua) || namesBot(ua) {
		return true
	}
	list := robotList()
	for start := range len(ua) {
		words := list[ua[start]]
		for n := range words {
			if words[n].at(ua, start) {
				return true
			}
		}
	}
	return false
}

// noBrowser reports whether an agent lacks what each browser's has: the first word, and an engine.
func noBrowser(ua string) bool {
	if !strings.HasPrefix(ua, "mozilla/") && !strings.HasPrefix(ua, "opera/") {
		return true
	}
	for _, engine := range []string{"applewebkit", "gecko/", "trident/", "presto/", "msie "} {
		if strings.Contains(ua, engine) {
			return false
		}
	}
	return true
}

// namesBot looks for a word that ends in "bot" or "bots", as robots' names do: Googlebot, "bot.html". The
// phones of Cubot do too and are none.
func namesBot(ua string) bool {
	for rest := ua; ; {
		before, after, found := strings.Cut(rest, "bot")
		if !found {
			return false
		}
		rest = after
		after = strings.TrimPrefix(after, "s")
		if after != "" && after[0] >= 'a' && after[0] <= 'z' {
			continue // a word that continues, such as "bottom"
		}
		maker, ok := strings.CutSuffix(before, "cu")
		if !ok || maker != "" && maker[len(maker)-1] >= 'a' && maker[len(maker)-1] <= 'z' {
			return true
		}
	}
}

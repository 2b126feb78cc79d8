package connect

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func agents(t testing.TB, name string) (list []string) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line[0] != '#' {
			list = append(list, strings.TrimSuffix(line, "\n"))
		}
	}
	return list
}

// drivenByAProgram are agents that are listed as robots' and count as visits.
var drivenByAProgram = regexp.MustCompile(`(?i)headless|phantomjs|playwright|selenium|electron/|; wv\)|instagram`)

// The robots that others have seen are found, but for browsers that a program drives and apps that show pages; none of
// the browsers that people were seen with is taken for one. The list and the agents are of different hands.
func TestRobotsAreFoundAndBrowsersAreNot(t *testing.T) {
	robots, found, driven := agents(t, "robots.txt"), 0, 0
	var missed []string
	for _, ua := range robots {
		switch {
		case IsBot(ua):
			found++
		case drivenByAProgram.MatchString(ua):
			driven++
		default:
			missed = append(missed, ua)
		}
	}
	share := float64(found) / float64(len(robots))
	t.Logf("%d of %d robots are found (%.1f %%); %d are browsers driven by a program, or apps",
		found, len(robots), 100*share, driven)
	for _, ua := range missed {
		t.Log("not found: ", ua)
	}
	if len(robots) < 2000 || share < 0.97 {
		t.Errorf("%.1f %% of %d", 100*share, len(robots))
	}
	browsers := agents(t, "browsers.txt")
	for _, ua := range browsers {
		if IsBot(ua) {
			t.Errorf("a person's browser is taken for a robot: %s", ua)
		}
	}
	if len(browsers) < 500 {
		t.Errorf("%d browsers prove little", len(browsers))
	}
}

// BenchmarkIsBot compares the list with one regular expression of the same words, on a browser's agent: all are tried.
func BenchmarkIsBot(b *testing.B) {
	const ua = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/153.0.0.0 Safari/537.36"
	b.Run("list", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			IsBot(ua)
		}
	})
	b.Run("one expression", func(b *testing.B) {
		var words []string
		for _, list := range robotList() {
			for _, w := range list {
				words = append(words, regexp.QuoteMeta(w.text))
			}
		}
		all := regexp.MustCompile(strings.Join(words, "|"))
		b.ReportAllocs()
		for b.Loop() {
			all.MatchString(strings.ToLower(ua))
		}
	})
	b.Run("parse the list", func(b *testing.B) {
		for b.Loop() {
			parseRobots(robotWords)
		}
	})
}

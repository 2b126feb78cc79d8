package cdn

import "testing"

// A path that no rule matches would be a fault of the model: the last rule takes every path.
func TestEveryPathHasARule(t *testing.T) {
	for pattern, paths := range map[string][]string{
		"*":       {"/", "/a\nb", "/v1/sites/\u0085/erase"},
		"/v1/*":   {"/v1/", "/v1/sites/a\nb"},
		"/a?.css": {"/ab.css", "/a\n.css"},
	} {
		for _, path := range paths {
			if !glob(pattern).MatchString(path) {
				t.Errorf("%s does not match %q", pattern, path)
			}
		}
	}
}

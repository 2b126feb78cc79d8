package pack

import (
	"fmt"
	"regexp"
	"strings"
)

var codeURI = regexp.MustCompile(`(?m)^(\s+CodeUri:\s*)functions/([a-z0-9-]+)/?[ \t]*$`)

// Template returns the template with each function's folder replaced by where its zip is in bucket. A function that
// was not built, or one that the template does not have, is an error.
func Template(text, bucket string, functions []Function) (string, error) {
	keys := map[string]string{}
	for _, f := range functions {
		keys[f.Name] = f.Key()
	}
	var missing []string
	used := map[string]bool{}
	out := codeURI.ReplaceAllStringFunc(text, func(line string) string {
		m := codeURI.FindStringSubmatch(line)
		key, ok := keys[m[2]]
		if !ok {
			missing = append(missing, m[2])
		}
		used[m[2]] = true
		return m[1] + "s3://" + bucket + "/" + key
	})
	for _, f := range functions {
		if !used[f.Name] {
			missing = append(missing, f.Name)
		}
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("functions/ and the template's CodeUri differ: %s", strings.Join(missing, ", "))
	}
	if strings.Contains(out, "CodeUri: functions/") {
		return "", fmt.Errorf("a CodeUri of the template was not understood")
	}
	return out, nil
}

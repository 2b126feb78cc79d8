package secret

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	answers := map[string]string{
		"arn:good": `{"SecretString":"from the manager"}`, "arn:empty": `{"SecretString":""}`,
		"arn:binary": `{"SecretBinary":"AAAA"}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		for arn, answer := range answers {
			if strings.Contains(string(body), `"`+arn+`"`) {
				io.WriteString(w, answer)
				return
			}
		}
		w.WriteHeader(400)
		io.WriteString(w, `{"__type":"ResourceNotFoundException"}`)
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.URL)
	t.Setenv("AWS_REGION", "eu-west-2")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	for _, c := range []struct{ value, arn, want string }{
		{"from the environment", "", "from the environment"}, {"from the environment", "arn:good", "from the environment"},
		{"", "arn:good", "from the manager"},
		{"", "arn:empty", ""}, {"", "arn:binary", ""}, {"", "arn:unknown", ""}, {"", "", ""},
	} {
		t.Setenv("A_KEY", c.value)
		t.Setenv("A_KEY_ARN", c.arn)
		got, err := Text(t.Context(), "A_KEY")
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
	t.Setenv("A_KEY", "")
	t.Setenv("A_KEY_ARN", "arn:good")
	if string(MustKey("A_KEY")) != "from the manager" {
		t.Error("MustKey")
	}
}

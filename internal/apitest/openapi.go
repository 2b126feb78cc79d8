package apitest

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

var document struct {
	sync.Once
	validator.Validator
	err error
}

// Document is docs/api.yaml.
func Document(t testing.TB) validator.Validator {
	t.Helper()
	path := filepath.Join(localtest.Root(t), "docs/api.yaml")
	document.Do(func() {
		text, err := os.ReadFile(path)
		if err != nil {
			document.err = err
			return
		}
		doc, err := libopenapi.NewDocument(text)
		if err != nil {
			document.err = err
			return
		}
		v, errs := validator.NewValidator(doc, config.WithFormatAssertions())
		if len(errs) > 0 {
			document.err = errs[0]
			return
		}
		document.Validator = v
	})
	if document.err != nil {
		t.Fatal(document.err)
	}
	return document.Validator
}

// Violations says how a call breaks the document: an answer always counts; a request only where it was
// accepted, for what is refused may well be wrong.
func Violations(t testing.TB, r Request, body string, a Answer) []string {
	t.Helper()
	v := Document(t)
	// JSON has numbers that the validator's floats cannot hold; a large one stands for them.
	request := r.httpRequest(strings.ReplaceAll(body, "1e999", "1e308"))
	var out []string
	if a.Status < 300 {
		if ok, errs := v.ValidateHttpRequestSync(request); !ok {
			out = append(out, reasons("accepted request", errs)...)
		}
	}
	header := http.Header{}
	for k, value := range a.Header {
		header.Set(k, value)
	}
	answer := &http.Response{
		StatusCode: a.Status, Header: header, Body: io.NopCloser(strings.NewReader(a.Body)),
		ContentLength: int64(len(a.Body)), Request: request,
	}
	if ok, errs := v.ValidateHttpResponse(r.httpRequest(body), answer); !ok {
		out = append(out, reasons("answer", errs)...)
	}
	return out
}

func reasons(what string, errs []*errors.ValidationError) (out []string) {
	for _, e := range errs {
		line := what + ": " + e.Message + ": " + e.Reason
		for _, s := range e.SchemaValidationErrors {
			line += "; " + s.FieldPath + " " + s.Reason
		}
		out = append(out, line)
	}
	return out
}

// check fails the test for each violation. A path that the document lacks is one; the catch-all's 404 for
// paths that are no route at all is not.
func check(t testing.TB, r Request, body string, a Answer) {
	t.Helper()
	for _, v := range Violations(t, r, body, a) {
		path := r.Path
		if len(path) > 60 {
			path = path[:60] + "..."
		}
		t.Errorf("docs/api.yaml: %s %s, %d: %s", r.Method, path, a.Status, v)
	}
}

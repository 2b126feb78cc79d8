package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// MaxBody is the limit of bodies whose handler sets none, in bytes.
const MaxBody = 64 << 10

// Decode reads one JSON object of at most max bytes into v. It refuses fields that v lacks, with case, and duplicate
// fields. null is the same as leaving a field out.
func Decode(r *http.Request, v any, max int64) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, max+1))
	if err != nil {
		return &connect.Error{
			Kind: connect.Invalid, Code: "body-unreadable", Message: "The body could not be read.", Cause: err,
		}
	}
	if int64(len(body)) > max {
		return &connect.Error{Kind: connect.TooLarge, Code: "body-too-large", Message: "The body is too large."}
	}
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) == 0 || text[0] != '{' {
		return malformed(io.ErrUnexpectedEOF)
	}
	if depth(body) > maxDepth {
		return &connect.Error{Kind: connect.Invalid, Code: "malformed", Message: "The body is nested too deeply."}
	}
	if err := json.Unmarshal(body, v); err != nil {
		return malformed(err)
	}
	return checkNames(body, v)
}

const unexpected = "The body doesn't match what this endpoint expects."

// malformed names the field if it can, and repeats no value.
func malformed(err error) error {
	e := &connect.Error{Kind: connect.Invalid, Code: "malformed", Message: unexpected}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && t.Field != "" {
		e.Fields = []connect.FieldError{{Field: t.Field, Message: "Wrong type."}}
		return e
	}
	return e
}

func unknownField(name string) error {
	return &connect.Error{
		Kind: connect.Invalid, Code: "unknown-field", Message: unexpected,
		Fields: []connect.FieldError{{Field: short(name), Message: "Unknown field."}},
	}
}

// short cuts a name that came from outside.
func short(name string) string {
	if len(name) > 40 {
		name = strings.ToValidUTF8(name[:40], "")
	}
	return name
}

// JSON writes v. Caches do not store the response unless the handler has set Cache-Control before.
func JSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}

// Answer writes what a handler returned: out, or its error.
func Answer(w http.ResponseWriter, status int, out any, err error) error {
	if err != nil {
		return err
	}
	return JSON(w, status, out)
}

// AnswerCached is Answer with 200 for what caches may store.
func AnswerCached(w http.ResponseWriter, cache string, out any, err error) error {
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", cache)
	return JSON(w, http.StatusOK, out)
}

// Done is Answer for a handler that returns no body.
func Done(w http.ResponseWriter, err error) error {
	if err != nil {
		return err
	}
	return NoContent(w)
}

// NoContent responds 204.
func NoContent(w http.ResponseWriter) error {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

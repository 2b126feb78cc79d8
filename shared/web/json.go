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

// Decode reads one JSON object of at most max bytes into v and refuses fields that v lacks.
func Decode(r *http.Request, v any, max int64) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, max+1))
	if err != nil {
		return &connect.Error{Kind: connect.Invalid, Code: "body-unreadable", Message: "The body could not be read.", Cause: err}
	}
	if int64(len(body)) > max {
		return &connect.Error{Kind: connect.TooLarge, Code: "body-too-large", Message: "The body is larger than this call takes."}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return malformed(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return &connect.Error{Kind: connect.Invalid, Code: "malformed", Message: "The body holds more than one JSON value."}
	}
	return nil
}

// malformed names the field where it can and repeats no value.
func malformed(err error) error {
	e := &connect.Error{Kind: connect.Invalid, Code: "malformed", Message: "The body is not the JSON object this call takes."}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && t.Field != "" {
		e.Fields = []connect.FieldError{{Field: t.Field, Message: "This has the wrong type."}}
		return e
	}
	if name, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
		if name = strings.TrimSuffix(name, `"`); len(name) > 40 {
			name = name[:40]
		}
		e.Code = "unknown-field"
		e.Fields = []connect.FieldError{{Field: name, Message: "There is no such field."}}
	}
	return e
}

// JSON answers v. Answers are not kept by caches unless the handler has said otherwise before.
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

// NoContent answers 204.
func NoContent(w http.ResponseWriter) error {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

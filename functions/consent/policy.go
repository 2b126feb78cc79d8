package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/policy"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// policy answers the table that our pages show, and the notice for customers.
func (h *handlers) policy(w http.ResponseWriter, r *http.Request) error {
	m := policy.Current
	w.Header().Set("Cache-Control", "public, max-age=300")
	return web.JSON(w, http.StatusOK, struct {
		Revision   string          `json:"revision"`
		Updated    string          `json:"updated"`
		Controller string          `json:"controller"`
		Contact    string          `json:"contact"`
		Storage    []policy.Entry  `json:"storage"`
		Hosts      []policy.Host   `json:"hosts"`
		Notice     string          `json:"notice"`
		Text       string          `json:"text"`
		History    []policy.Change `json:"history"`
		Customers  customers       `json:"customers"`
	}{m.Revision(), m.Updated(), m.Controller, m.Contact, m.Storage, m.Hosts, m.Notice, m.TextHash(), m.History, customers{m.NoticeVersion(), m.Notices()}})
}

type customers struct {
	Version string          `json:"version"`
	Notices []policy.Notice `json:"notices"`
}

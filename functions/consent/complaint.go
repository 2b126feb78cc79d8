package main

import (
	"net/http"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// complain takes a complaint about how data are handled; the mail that acknowledges it names the id.
func (h *handlers) complain(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name    string `json:"name"`
		Email   string `json:"email"`
		Message string `json:"message"`
	}
	if err := web.Decode(r, &in, web.MaxBody); err != nil {
		return err
	}
	now := web.Now(r).UTC().Truncate(time.Millisecond)
	c := &connect.Complaint{ID: connect.NewComplaintID(), CreatedAt: now, ExpiresAt: now.Add(connect.ComplaintLife)}
	var p connect.Problems
	var err error
	if in.Name != "" {
		c.Name = p.Line("name", in.Name, 100)
	}
	c.Email = p.Email(in.Email)
	if c.Message, err = connect.ParseText(in.Message, 4000); err != nil {
		p.Add("message", err.Error())
	} else if c.Message == "" {
		p.Add("message", "Say what we should look into.")
	}
	if err := p.Err(); err != nil {
		return err
	}
	if err := h.store.Complain(r.Context(), c, h.links.Digest(store.DigestSender, string(c.Email)), now); err != nil {
		return err
	}
	return web.JSON(w, http.StatusAccepted, struct {
		ID connect.ComplaintID `json:"id"`
	}{c.ID})
}

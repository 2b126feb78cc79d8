package api

import "github.com/mi-telecom/mi-connect/shared/connect"

// SiteComplaintOf is a complaint as the business sees it.
func SiteComplaintOf(c *connect.SiteComplaint) SiteComplaint {
	out := SiteComplaint{
		ID: c.ID, Site: c.Site, SiteName: c.SiteName, Request: Optional(c.Callback), Name: c.Name, Phone: c.Phone,
		Email: string(c.Email), Message: c.Message, State: c.State, Result: Optional(c.Result), Answer: c.Answer,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, LastDay: c.LastDay, DueAt: c.DueAt,
		AcknowledgedAt: OptionalTime(c.AcknowledgedAt), AnsweredAt: OptionalTime(c.AnsweredAt),
		ExpiresAt: OptionalTime(c.ExpiresAt), History: []ComplaintEntry{}, Version: int64(c.Version),
	}
	for _, e := range c.History {
		out.History = append(out.History, ComplaintEntry{At: e.At, What: e.What, By: e.By, Text: e.Text})
	}
	return out
}

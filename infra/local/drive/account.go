package drive

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Person is somebody who signs up.
type Person struct{ Email, Password, Name, Company string }

// SignUp opens an account, follows the mailed link, and is logged in afterwards.
func (c *Client) SignUp(ctx context.Context, p Person) error {
	body := map[string]string{"email": p.Email, "password": p.Password, "name": p.Name, "company": p.Company}
	if err := c.Post(ctx, "/v1/register", body, http.StatusAccepted, nil); err != nil {
		return err
	}
	token, err := c.Mailed(ctx, p.Email, "/verify")
	if err != nil {
		return err
	}
	var in struct{ Token string }
	err = c.Post(ctx, "/v1/verify", map[string]string{"token": token, "password": p.Password}, http.StatusOK, &in)
	c.Bearer = in.Token
	return err
}

// Order is a plan to take. Card is a button on the payment page of the stand-in for Stripe.
type Order struct {
	Plan     string `json:"plan"`
	Interval string `json:"interval"`
	Clients  int    `json:"clients,omitempty"`
	Card     Card   `json:"-"`
}

// Card is how the stand-in is paid.
type Card string

const (
	NoCard   Card = "none" // a trial needs none
	GoodCard Card = "good"
)

// Subscribe takes a plan, on trial.
func (c *Client) Subscribe(ctx context.Context, order Order) error {
	var checkout struct{ URL string }
	if err := c.Post(ctx, "/v1/billing/checkout", order, http.StatusOK, &checkout); err != nil {
		return err
	}
	if err := c.press(ctx, checkout.URL, string(order.Card)); err != nil {
		return err
	}
	var now struct{ Plan struct{ ID string } }
	if err := c.Post(ctx, "/v1/billing/refresh", nil, http.StatusOK, &now); err != nil {
		return err
	}
	if now.Plan.ID != order.Plan {
		return fmt.Errorf("the plan is %q", now.Plan.ID)
	}
	return nil
}

// press is a button on one of the stand-in's pages.
func (c *Client) press(ctx context.Context, page, button string) error {
	u, err := url.Parse(page)
	if err != nil {
		return err
	}
	return c.Until(ctx, Call{
		Method: http.MethodPost, Path: u.RequestURI(), Text: url.Values{"do": {button}}.Encode(),
		Headers: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		Done:    []int{http.StatusSeeOther, http.StatusOK},
	}, nil)
}

// Mail is one in the mail box.
type Mail struct {
	To    string   `json:"to"`
	Links []string `json:"links"`
}

// Mails are those to an address, the newest first.
func (c *Client) Mails(ctx context.Context, to string) (list []Mail) {
	path := "/_local/mail?to=" + url.QueryEscape(to)
	asJSON := map[string]string{"Accept": "application/json"}
	if _, body, err := c.once(ctx, Call{Method: http.MethodGet, Path: path, Headers: asJSON}); err == nil {
		_ = json.Unmarshal(body, &list)
	}
	return list
}

// Links are those to a page that were mailed to an address, the newest first.
func (c *Client) Links(ctx context.Context, to, page string) (list []*url.URL) {
	for _, m := range c.Mails(ctx, to) {
		for _, link := range m.Links {
			if u, err := url.Parse(link); err == nil && u.Path == page {
				list = append(list, u)
			}
		}
	}
	return list
}

// NextLink waits until more than so many links to a page were mailed to an address, and returns the newest.
func (c *Client) NextLink(ctx context.Context, to, page string, after int) (*url.URL, error) {
	for ; ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		if links := c.Links(ctx, to, page); len(links) > after {
			return links[0], nil
		}
	}
	return nil, fmt.Errorf("no mail came to %s", to)
}

// Mailed waits for a link to a page in a mail to an address, and returns its token.
func (c *Client) Mailed(ctx context.Context, to, page string) (string, error) {
	link, err := c.NextLink(ctx, to, page, 0)
	if err != nil {
		return "", err
	}
	return link.Query().Get("token"), nil
}

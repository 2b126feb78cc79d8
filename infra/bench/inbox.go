package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/token"
)

const (
	inboxSize    = 50_000
	inboxWaiting = 300
	inboxUnits   = 20
)

// inbox counts the read units of the inbox of an account with 50,000 requests.
func (b *bench) inbox(ctx context.Context) error {
	w, err := b.newWorld(ctx, "inbox")
	if err != nil {
		return err
	}
	defer w.stop()
	account, t, err := w.signUp(ctx)
	if err != nil {
		return err
	}
	site, err := w.addSite(ctx, account)
	if err != nil {
		return err
	}
	if err := w.fillInbox(ctx, site); err != nil {
		return err
	}
	if _, err := w.meter.take(); err != nil {
		return err
	}
	const list, find = "/v1/callbacks/inbox", "/v1/callbacks/find"
	for _, c := range []struct{ what, function, path, body, has string }{
		{"Inbox of 50,000 requests: read units of the first page", "DashboardFunction", list, "", `"waiting 0"`},
		{"… what was missed", "DashboardFunction", list + "?state=missed", "", `"missed"`},
		{"… of one site, all", "DashboardFunction", list + "?site=" + url.QueryEscape(string(site.ID)), "", `"waiting 0"`},
		{"… of a department with one request in a hundred", "DashboardFunction", list + "?department=Rare", "", `"Rare"`},
		{"… a search for words that no request has", "VisitorsFunction", find, `{"text": "nothing of the kind"}`, `"next":"`},
		{"… a search for a number", "VisitorsFunction", find, `{"text": "07700 900123"}`, `[`},
		{"… the counts of what waits", "DashboardFunction", "/v1/callbacks/waiting", "", `"more":true`},
		{"… home", "DashboardFunction", "/v1/home", "", `"waiting 0"`},
	} {
		method, headers := "GET", map[string]string{"authorization": "Bearer " + t.Text}
		if c.body != "" {
			method, headers["content-type"] = "POST", "application/json"
		}
		a, err := w.call(ctx, c.function, method, c.path, headers, c.body, 200)
		if err != nil {
			return err
		}
		if !strings.Contains(a.Body, c.has) {
			return fmt.Errorf("%s: no %s in %.300s", c.what, c.has, a.Body)
		}
		units, err := w.meter.take()
		if err != nil {
			return err
		}
		read := total(units, false)
		figure := fmt.Sprintf("%.1f (with session and person)", read)
		b.table.add(row{c.what, figure, fmt.Sprintf("under %d", inboxUnits), within(read < inboxUnits)})
	}
	return nil
}

// fillInbox stores requests as the product does, then as many more like them as it takes.
func (w *world) fillInbox(ctx context.Context, site *connect.Site) error {
	now := time.Now()
	add := func(c *connect.Callback) (map[string]types.AttributeValue, error) {
		c.ID, c.Site, c.Account, c.SiteName = connect.NewCallbackID(now), site.ID, site.Account, site.Name
		c.Phone, c.PhoneShown, c.Page = "+447700900999", "+44 7700 900999", pageOrigin+"/boilers/combi"
		c.Message = strings.Repeat("About the boiler in the kitchen. ", 4)
		c.CreatedAt, c.UpdatedAt, c.ExpiresAt = now, now, now.AddDate(0, 0, site.RetentionDays)
		if _, err := w.store.AddCallback(ctx, c, token.NewID(), "d", now); err != nil {
			return nil, err
		}
		out, err := w.dynamo.Client.Query(ctx, &dynamodb.QueryInput{
			TableName: &w.callbacks, KeyConditionExpression: aws.String("pk = :p AND sk = :s"),
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":p": &types.AttributeValueMemberS{Value: "S#" + string(site.ID)},
				":s": &types.AttributeValueMemberS{Value: string(c.ID)},
			},
		})
		if err != nil || len(out.Items) != 1 {
			return nil, fmt.Errorf("%d items: %w", len(out.Items), err)
		}
		return out.Items[0], nil
	}
	var like [3]map[string]types.AttributeValue
	for n, status := range []connect.CallbackStatus{connect.StatusNew, connect.StatusCalled, connect.StatusMissed} {
		c := &connect.Callback{Status: connect.StatusNew}
		if status != connect.StatusNew {
			c.Mark(status, "Pat Example", now)
		}
		i, err := add(c)
		if err != nil {
			return err
		}
		like[n] = i
	}
	return w.putLike(ctx, like, now)
}

func (w *world) putLike(ctx context.Context, like [3]map[string]types.AttributeValue, now time.Time) error {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	work, failed := make(chan []types.WriteRequest), make(chan error, 1)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for puts := range work {
				in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{w.callbacks: puts}}
				if _, err := w.dynamo.Client.BatchWriteItem(ctx, in); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			}
		})
	}
	var puts []types.WriteRequest
	for n := range inboxSize {
		of, name, at := 1+n%2, "handled", now.Add(-time.Duration(n)*time.Minute)
		if n < inboxWaiting {
			of, name, at = 0, "waiting", now.Add(-time.Duration(inboxWaiting-n)*time.Minute-time.Hour*2)
		}
		i := map[string]types.AttributeValue{}
		for name, v := range like[of] {
			i[name] = v
		}
		id := connect.NewCallbackID(at)
		i["sk"], i["turn"] = text(string(id)), text(connect.TurnAt(at)+string(id))
		i["name"] = text(fmt.Sprintf("%s %d", name, n))
		if n%100 == 0 {
			i["department"] = text("Rare")
		}
		if puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}}); len(puts) == 25 {
			work <- puts
			puts = nil
		}
	}
	close(work)
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

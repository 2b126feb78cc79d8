package rollout

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/mi-telecom/mi-connect/infra/deploy/smoke"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// smoke asks the stage what browsers ask first, through the CDN, also while the domain does not lead there yet.
func (r *Rollout) smoke(ctx context.Context) error {
	client := smoke.Through(r.outputs["CdnDomain"])
	if r.Base != "" {
		client = &http.Client{Timeout: 20 * time.Second}
	}
	resources, err := r.Cloud.Resources(ctx, r.Stage.Stack())
	if err != nil {
		return err
	}
	group := aws.ToString(resources["FunctionLog"].PhysicalResourceId)
	target := &smoke.Target{
		Base: cmp.Or(r.Base, r.origin()), Origin: r.origin(), Client: client, Patience: 2 * time.Minute, Poll: r.Poll,
		Sent: func(ctx context.Context, since time.Time) (int, error) { return r.mailsSent(ctx, group, since) },
	}
	if err := target.Run(ctx, r.say); err != nil {
		return stop(
			"`make doctor STAGE="+r.Stage.Name+"` says what is not set up yet; then the same command again", "%w", err,
		)
	}
	return nil
}

// mailsSent counts function deliver's records of confirmation mails that their service took.
func (r *Rollout) mailsSent(ctx context.Context, group string, since time.Time) (sent int, err error) {
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(r.Cloud.Logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group, StartTime: aws.Int64(since.Add(-5 * time.Second).UnixMilli()), // clocks differ
		FilterPattern: aws.String(`"` + string(connect.MailVerifyEmail) + `"`),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		for _, e := range page.Events {
			var record struct{ Message, Kind string }
			if err := json.Unmarshal([]byte(aws.ToString(e.Message)), &record); err != nil {
				continue // the runtime's own lines
			}
			if record.Message == "sent" && record.Kind == string(connect.MailVerifyEmail) {
				sent++
			}
		}
	}
	return sent, nil
}

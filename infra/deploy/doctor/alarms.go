package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarms "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	topics "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/mi-telecom/mi-connect/infra/deploy/cloud"
)

func subscription(ctx context.Context, d *Doctor) Result {
	if r, none := d.noStack(); none {
		return r
	}
	topic := cloud.Output(d.stack, "AlarmTopic")
	pages := sns.NewListSubscriptionsByTopicPaginator(d.Cloud.Topics, &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
	pending := ""
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unsure(err)
		}
		for _, s := range page.Subscriptions {
			if strings.HasPrefix(aws.ToString(s.SubscriptionArn), "arn:") {
				return ok("%s", aws.ToString(s.Endpoint))
			}
			pending = aws.ToString(s.Endpoint)
		}
	}
	if pending == "" {
		return notYet(
			"set AlarmEmail in stages/"+d.Stage.Name+".conf, then make deploy STAGE="+d.Stage.Name, "nobody is told of an alarm",
		)
	}
	return notYet("follow the link in the mail \"AWS Notification - Subscription Confirmation\"; to have it sent again:\n"+
		d.aws("sns subscribe --topic-arn %s --protocol email --notification-endpoint %s", topic, pending), "%s has not confirmed", pending)
}

// The topic carries what was tried: the code of the last test alarm, and when a person typed it.
const (
	sentTag    = "mi-connect-test-alarm"
	arrivedTag = "mi-connect-test-alarm-arrived"
)

func arrival(ctx context.Context, d *Doctor) Result {
	if r, none := d.noStack(); none {
		return r
	}
	tags, err := d.topicTags(ctx)
	if err != nil {
		return unsure(err)
	}
	doctor := "make doctor STAGE=" + d.Stage.Name + " ALARM_CODE="
	switch {
	case tags[arrivedTag] != "":
		return ok("on %s", tags[arrivedTag])
	case tags[sentTag] != "":
		return notYet(doctor+"<the code in the mail>", "one was sent; its mail holds a code")
	}
	return notYet(doctor+"send", "none was sent yet")
}

func (d *Doctor) topicTags(ctx context.Context) (map[string]string, error) {
	got, err := d.Cloud.Topics.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{
		ResourceArn: aws.String(cloud.Output(d.stack, "AlarmTopic")),
	})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, t := range got.Tags {
		out[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return out, nil
}

func (d *Doctor) tagTopic(ctx context.Context, key, value string) error {
	_, err := d.Cloud.Topics.TagResource(ctx, &sns.TagResourceInput{
		ResourceArn: aws.String(cloud.Output(d.stack, "AlarmTopic")), Tags: []topics.Tag{{Key: &key, Value: &value}},
	})
	return err
}

// rung is the alarm that is rung for a test: it is about the whole account, and soon returns to what is so.
const rung = "ThrottlesAlarm"

// SendTestAlarm rings an alarm whose mail holds a code. Only who reads the mail knows it.
func (d *Doctor) SendTestAlarm(ctx context.Context) error {
	if r := stackDeployed(ctx, d); r.State != OK {
		return fmt.Errorf("%s; next: %s", r.Detail, r.Next)
	}
	code := rand.Text()[:6]
	if err := d.tagTopic(ctx, sentTag, code); err != nil {
		return err
	}
	_, err := d.Cloud.Alarms.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: d.resources[rung].PhysicalResourceId, StateValue: alarms.StateValueAlarm,
		StateReason: aws.String(
			fmt.Sprintf(
				"A test alarm, nothing is wrong. It has arrived: make doctor STAGE=%s ALARM_CODE=%s", d.Stage.Name, code,
			),
		),
	})
	return err
}

// AlarmArrived takes the code of the last test alarm.
func (d *Doctor) AlarmArrived(ctx context.Context, code string, now time.Time) error {
	if r := stackDeployed(ctx, d); r.State != OK {
		return fmt.Errorf("%s; next: %s", r.Detail, r.Next)
	}
	tags, err := d.topicTags(ctx)
	if err != nil {
		return err
	}
	if sent := tags[sentTag]; sent == "" || !strings.EqualFold(sent, strings.TrimSpace(code)) {
		return errors.New("that is not the code of the last test alarm; ALARM_CODE=send sends another")
	}
	return d.tagTopic(ctx, arrivedTag, now.UTC().Format(time.DateOnly))
}

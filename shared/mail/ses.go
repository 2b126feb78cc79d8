package mail

import (
	"bytes"
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

type ses struct {
	client *sesv2.Client
	from   string
}

func newSES(from string) *ses {
	return &ses{from: from, client: sesv2.New(sesv2.Options{
		Region: os.Getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken: os.Getenv("AWS_SESSION_TOKEN"), Source: "environment",
			}, nil
		}),
		BaseEndpoint: endpoint(),
	})}
}

func endpoint() *string {
	if e := os.Getenv("AWS_ENDPOINT_URL_SESV2"); e != "" {
		return aws.String(e)
	}
	return nil
}

// Send implements Sender.
func (s *ses) Send(ctx context.Context, m Mail) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	from, err := fromAs(s.from, m.Sender)
	if err != nil {
		return err
	}
	if m.Invite != nil {
		return s.sendWhole(ctx, m, from)
	}
	utf8 := aws.String("UTF-8")
	_, err = s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(from),
		Destination:      &types.Destination{ToAddresses: []string{m.To}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: &types.Content{Data: aws.String(m.Subject), Charset: utf8},
			Body: &types.Body{
				Text: &types.Content{Data: aws.String(m.Text), Charset: utf8},
				Html: &types.Content{Data: aws.String(m.HTML), Charset: utf8},
			},
			Headers: []types.MessageHeader{{Name: aws.String("X-Mi-Connect-Id"), Value: aws.String(m.ID)}},
		}},
	})
	if err != nil {
		return fromSES(err)
	}
	return nil
}

// sendWhole sends what SES's simple form has no place for: the part that a calendar reads.
func (s *ses) sendWhole(ctx context.Context, m Mail, from string) error {
	msg, err := compose(m, s.from)
	if err != nil {
		return err
	}
	msg.SetGenHeader("X-Mi-Connect-Id", m.ID)
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return err
	}
	_, err = s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(from), Destination: &types.Destination{ToAddresses: []string{m.To}},
		Content: &types.EmailContent{Raw: &types.RawMessage{Data: raw.Bytes()}},
	})
	if err != nil {
		return fromSES(err)
	}
	return nil
}

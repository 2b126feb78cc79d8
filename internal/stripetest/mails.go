package stripetest

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Mails reads the outbox itself: by account, the notices that were asked to be mailed.
func (w *World) Mails(t testing.TB) map[connect.AccountID][]string {
	t.Helper()
	out := map[connect.AccountID][]string{}
	in := &dynamodb.ScanInput{TableName: aws.String(w.Env["OUTBOX_TABLE"])}
	for {
		page, err := localtest.Server(t).Client.Scan(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page.Items {
			text := func(name string) string {
				v, _ := i[name].(*types.AttributeValueMemberS)
				if v == nil {
					return ""
				}
				return v.Value
			}
			if text("kind") == "billing-notice" {
				account := connect.AccountID(text("account"))
				out[account] = append(out[account], text("notice"))
			}
		}
		if in.ExclusiveStartKey = page.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			return out
		}
	}
}

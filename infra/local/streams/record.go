package streams

import (
	"encoding/base64"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// record is a change on its way to a function.
type record struct {
	sequence string
	at       time.Time
	event    map[string]any // as Lambda gets it
}

// newRecord makes what Lambda gives a function for a DynamoDB stream.
func newRecord(r types.Record, stream string) record {
	d := r.Dynamodb
	out := record{sequence: aws.ToString(d.SequenceNumber), at: aws.ToTime(d.ApproximateCreationDateTime)}
	change := map[string]any{
		"ApproximateCreationDateTime": float64(out.at.UnixMilli()) / 1000,
		"Keys":                        attributes(d.Keys),
		"SequenceNumber":              out.sequence,
		"SizeBytes":                   aws.ToInt64(d.SizeBytes),
		"StreamViewType":              string(d.StreamViewType),
	}
	if len(d.NewImage) > 0 {
		change["NewImage"] = attributes(d.NewImage)
	}
	if len(d.OldImage) > 0 {
		change["OldImage"] = attributes(d.OldImage)
	}
	out.event = map[string]any{
		"eventID":        aws.ToString(r.EventID),
		"eventName":      string(r.EventName),
		"eventVersion":   aws.ToString(r.EventVersion),
		"eventSource":    "aws:dynamodb",
		"awsRegion":      template.Region,
		"dynamodb":       change,
		"eventSourceARN": stream,
	}
	if r.UserIdentity != nil {
		out.event["userIdentity"] = map[string]any{
			"type": aws.ToString(r.UserIdentity.Type), "principalId": aws.ToString(r.UserIdentity.PrincipalId),
		}
	}
	return out
}

// unchanged tells whether a write left its item as it was. DynamoDB makes no record of such a write; the
// engine here does.
func unchanged(r types.Record) bool {
	d := r.Dynamodb
	return r.EventName == types.OperationTypeModify && d.StreamViewType == types.StreamViewTypeNewAndOldImages &&
		reflect.DeepEqual(d.OldImage, d.NewImage)
}

func attributes(item map[string]types.AttributeValue) map[string]any {
	out := make(map[string]any, len(item))
	for name, v := range item {
		out[name] = attribute(v)
	}
	return out
}

func attribute(v types.AttributeValue) map[string]any {
	texts := func(list []string) []any {
		out := make([]any, len(list))
		for i, s := range list {
			out[i] = s
		}
		return out
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": base64.StdEncoding.EncodeToString(v.Value)}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": attributes(v.Value)}
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, item := range v.Value {
			list[i] = attribute(item)
		}
		return map[string]any{"L": list}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": texts(v.Value)}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": texts(v.Value)}
	case *types.AttributeValueMemberBS:
		list := make([]any, len(v.Value))
		for i, b := range v.Value {
			list[i] = base64.StdEncoding.EncodeToString(b)
		}
		return map[string]any{"BS": list}
	}
	return nil
}

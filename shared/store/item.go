package store

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is one item's attributes. Its readers return the zero value for what is absent or of another type:
// an attribute added later is absent from older items.
type item = map[string]types.AttributeValue

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(n int64) types.AttributeValue  { return &types.AttributeValueMemberN{Value: itoa(n)} }
func strs(list []string) types.AttributeValue {
	l := make([]types.AttributeValue, len(list))
	for i, s := range list {
		l[i] = str(s)
	}
	return &types.AttributeValueMemberL{Value: l}
}

// when keeps milliseconds.
func when(t time.Time) types.AttributeValue { return num(t.UnixMilli()) }

// epoch keeps seconds, as TTL needs.
func epoch(t time.Time) types.AttributeValue { return num(t.Unix()) }

func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

func truth(i item, name string) bool {
	v, ok := i[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

func text(i item, name string) string {
	if v, ok := i[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func integer(i item, name string) int64 {
	if v, ok := i[name].(*types.AttributeValueMemberN); ok {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		return n
	}
	return 0
}

func list(i item, name string) []string {
	v, ok := i[name].(*types.AttributeValueMemberL)
	if !ok {
		return nil
	}
	out := make([]string, 0, len(v.Value))
	for _, e := range v.Value {
		if s, ok := e.(*types.AttributeValueMemberS); ok {
			out = append(out, s.Value)
		}
	}
	return out
}

func moment(i item, name string) time.Time {
	if ms := integer(i, name); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// unexpired reports whether an item that expires can still be read.
func unexpired(i item, now time.Time) bool {
	return i != nil && integer(i, "expiresAt") > now.Unix()
}

package iam

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// call is the part of DynamoDB's requests that a policy is about. A part of a transaction has the same names.
type call struct {
	TableName, IndexName      string
	Key, Item                 map[string]any
	KeyConditions             map[string]any
	KeyConditionExpression    string
	UpdateExpression          string
	ConditionExpression       string
	FilterExpression          string
	ProjectionExpression      string
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues map[string]map[string]any
	AttributesToGet           []string
	TransactItems             []map[string]call
	RequestItems              map[string]json.RawMessage
}

// inTransaction is the right that a part of a transaction takes: AWS asks for each on its own.
var inTransaction = map[string]string{
	"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem",
	"Get": "GetItem",
}

// needs are the rights that a request to DynamoDB takes. keys holds each table's partition key.
func needs(operation string, body []byte, keys map[string]string) ([]need, error) {
	var c call
	if err := json.Unmarshal(body, &c); err != nil {
		return nil, err
	}
	switch operation {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan":
		return []need{c.need(operation, keys)}, nil
	case "TransactWriteItems", "TransactGetItems":
		var out []need
		for _, item := range c.TransactItems {
			for kind, part := range item {
				action, known := inTransaction[kind]
				if !known {
					return nil, fmt.Errorf("a transaction's %s is not known here", kind)
				}
				out = append(out, part.need(action, keys))
			}
		}
		return out, nil
	case "BatchGetItem":
		var out []need
		for table, raw := range c.RequestItems {
			var get struct{ Keys []map[string]any }
			if err := json.Unmarshal(raw, &get); err != nil {
				return nil, err
			}
			for _, key := range get.Keys {
				out = append(out, call{TableName: table, Key: key}.need(operation, keys))
			}
		}
		return out, nil
	case "BatchWriteItem":
		var out []need
		for table, raw := range c.RequestItems {
			var writes []struct{ PutRequest, DeleteRequest *call }
			if err := json.Unmarshal(raw, &writes); err != nil {
				return nil, err
			}
			for _, w := range writes {
				for _, part := range []*call{w.PutRequest, w.DeleteRequest} {
					if part != nil {
						part.TableName = table
						out = append(out, part.need(operation, keys))
					}
				}
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s is not known here", operation)
}

func (c call) need(action string, keys map[string]string) need {
	resource := "arn:aws:dynamodb:" + template.Region + ":" + template.AccountID + ":table/" + c.TableName
	if c.IndexName != "" {
		resource += "/index/" + c.IndexName
	}
	n := need{
		action: "dynamodb:" + action, resource: resource, values: map[string][]string{"dynamodb:Attributes": c.attributes()},
	}
	partition := keys[c.TableName]
	for _, item := range []map[string]any{c.Key, c.Item} {
		if v, ok := item[partition]; ok {
			n.values["dynamodb:LeadingKeys"] = append(n.values["dynamodb:LeadingKeys"], scalar(v))
		}
	}
	if found := equality.FindStringSubmatch(c.KeyConditionExpression); found != nil {
		n.values["dynamodb:LeadingKeys"] = append(
			n.values["dynamodb:LeadingKeys"], scalar(c.ExpressionAttributeValues[found[1]]),
		)
	}
	return n
}

var (
	equality = regexp.MustCompile(`^\s*[#\w]+\s*=\s*(:\w+)`)
	aside    = regexp.MustCompile(`:\w+|\.#?\w+|\[\d+\]`) // values, and what is inside an attribute
	word     = regexp.MustCompile(`#?[A-Za-z_]\w*`)
	keywords = []string{"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"}
	calls    = []string{
		"if_not_exists", "list_append", "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with",
		"contains", "size",
	}
)

// attributes are all that a request names: of its keys, its item and its expressions.
func (c call) attributes() []string {
	seen := map[string]bool{}
	for _, item := range []map[string]any{c.Key, c.Item} {
		for name := range item {
			seen[name] = true
		}
	}
	for _, expression := range []string{
		c.KeyConditionExpression, c.UpdateExpression, c.ConditionExpression, c.FilterExpression, c.ProjectionExpression,
	} {
		for _, name := range word.FindAllString(aside.ReplaceAllString(expression, ""), -1) {
			if own, ok := c.ExpressionAttributeNames[name]; ok {
				name = own
			} else if slices.Contains(keywords, strings.ToUpper(name)) || slices.Contains(calls, name) {
				continue
			}
			seen[name] = true
		}
	}
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	return out
}

func scalar(v any) string {
	if m, ok := v.(map[string]any); ok {
		for _, inner := range m {
			return template.String(inner)
		}
	}
	return ""
}

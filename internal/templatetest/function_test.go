package templatetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

var functionRules = []rule{
	{"no reserved concurrency",
		"Lambda keeps 100 executions for the others, and a new account has ten: the stack is refused there",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::Serverless::Function") {
				if d.properties[id]["ReservedConcurrentExecutions"] != nil ||
					d.properties[id]["ProvisionedConcurrencyConfig"] != nil {
					out = append(out, id)
				}
			}
			return out
		},
		"      CodeUri: functions/purge/\n", "      CodeUri: functions/purge/\n      ReservedConcurrentExecutions: 1\n"},
	{"logs expire", "the group that Lambda makes itself is kept for ever",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::Serverless::Function") {
				group := strings.TrimPrefix(template.String(at(d.properties[id], "LoggingConfig", "LogGroup")), template.Stack+"-")
				if d.types[group] != "AWS::Logs::LogGroup" {
					out = append(out, id+" logs into no group of the template")
				}
			}
			for _, id := range d.of("AWS::Logs::LogGroup") {
				if template.Int(d.properties[id]["RetentionInDays"], 0) == 0 {
					out = append(out, id+" has no retention")
				}
			}
			return out
		},
		"      LogGroup: !Ref FunctionLog\n", ""},
	{"a function's own policy is small enough",
		"who may call a function is at most 20 KB, and SAM writes one statement for each route of a function that is not " +
			"the default",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::Serverless::Function") {
				size, isDefault := 0, false
				for event, e := range template.Map(d.properties[id]["Events"]) {
					if at(e, "Type") != "HttpApi" {
						continue
					}
					path := template.String(at(e, "Properties", "Path"))
					if path == "$default" {
						isDefault = true
					}
					size += statementSize(id, event, template.String(at(e, "Properties", "Method")), path)
				}
				if isDefault {
					size = statementSize(id, "Default", "ANY", "")
					if first := d.firstEvent(id); first != "Default" {
						out = append(
							out, id+": "+first+" stands before the default route, so SAM writes a statement for it and all the others",
						)
					}
				}
				if size > 20480*9/10 {
					out = append(out, fmt.Sprintf("%s: some %d bytes", id, size))
				}
			}
			return out
		},
		"        Default: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: " +
			"$default}}\n", strings.Repeat("\n", 1) + manyRoutes()},
	{"environment", "a function's variables are at most 4 KB",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::Serverless::Function") {
				size := 0
				for name, value := range template.Map(at(d.properties[id], "Environment", "Variables")) {
					size += len(name) + len(template.String(value)) + 100 // an ARN has more in it there
				}
				if size > 4096 {
					out = append(out, fmt.Sprintf("%s: %d bytes", id, size))
				}
			}
			return out
		},
		"        STAGE: !Ref Stage\n", "        STAGE: !Ref Stage\n        LONG: " + strings.Repeat("x", 4096) + "\n"},
	{"no right that cannot be used",
		"an index is read, never written, and a right to all tables is a right to none in particular",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::Serverless::Function") {
				for _, policy := range template.List(d.properties[id]["Policies"]) {
					for _, s := range template.List(at(policy, "Statement")) {
						for _, action := range template.Strings(at(s, "Action")) {
							for _, resource := range template.Strings(at(s, "Resource")) {
								service, operation, _ := strings.Cut(action, ":")
								switch {
								case strings.Contains(action, "*") || resource == "*" ||
									service == "dynamodb" && strings.Contains(resource, "*"):
									out = append(out, fmt.Sprintf("%s: %s on %s", id, action, resource))
								case strings.Contains(resource, "/index/") && operation != "Query" && operation != "Scan":
									out = append(out, fmt.Sprintf("%s: %s on an index", id, operation))
								}
							}
						}
					}
				}
			}
			return out
		},
		"              Resource: !Sub " +
			"\"${CallbacksTable.Arn}/index/byStatus\"", "              Resource: !Sub \"${CallbacksTable.Arn}/index/*\""},
	{"streams may put away what fails", "Lambda refuses a mapping whose destination the function may not write to",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::Serverless::Function") {
				for event, e := range template.Map(d.properties[id]["Events"]) {
					queue := at(e, "Properties", "DestinationConfig", "OnFailure", "Destination")
					if queue == nil {
						continue
					}
					may := false
					for _, policy := range template.List(d.properties[id]["Policies"]) {
						for _, s := range template.List(at(policy, "Statement")) {
							may = may || at(s, "Action") == "sqs:SendMessage" && at(s, "Resource") == queue
						}
					}
					if !may {
						out = append(out, id+"."+event)
					}
				}
			}
			return out
		},
		"              Action: sqs:SendMessage\n", "              Action: sqs:ReceiveMessage\n"},
}

// statementSize is how long the statement is that lets a route call a function, with names as long as they come.
func statementSize(function, event, method, path string) int {
	return len(fmt.Sprintf(`{"Sid":"mi-connect-staging-%s%sPermission-ABCDEFGHIJKL","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},`+
		`"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:ap-southeast-2:123456789012:function:mi-connect-staging-%s-ABCDEFGHIJKL",`+
		`"Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:ap-southeast-2:123456789012:abcdefghij/*/%s%s"}}},`, function, event, function, method, path))
}

// firstEvent is the one that the template names first, which a map does not keep.
func (d *doc) firstEvent(function string) string {
	_, after, _ := strings.Cut(d.text, "\n  "+function+":\n")
	_, after, _ = strings.Cut(after, "\n      Events:\n")
	for line := range strings.Lines(after) {
		name, _, found := strings.Cut(strings.TrimSpace(line), ":")
		if found && !strings.HasPrefix(name, "#") {
			return name
		}
	}
	return ""
}

// manyRoutes are more than a policy of 20 KB holds statements for.
func manyRoutes() string {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(
			&b, "        More%d: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /v1/more/%d}}\n", i, i,
		)
	}
	return b.String()
}

// sortedEvents are a function's events by name.
func sortedEvents(properties map[string]any) []string {
	return slices.Sorted(maps.Keys(template.Map(properties["Events"])))
}

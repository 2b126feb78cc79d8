package templatetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

var releaseRules = []rule{
	{"functions are released step by step",
		"without an alias a change is live for everybody at once, and nothing takes it back",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::Serverless::Function") {
				p := d.properties[id]
				switch kind := template.String(at(p, "DeploymentPreference", "Type")); {
				case template.String(p["AutoPublishAlias"]) == "":
					out = append(out, id+" has no alias")
				case !strings.HasPrefix(kind, "Canary") && !strings.HasPrefix(kind, "Linear"):
					out = append(out, id+" is released "+kind)
				case len(template.Strings(at(p, "DeploymentPreference", "Alarms"))) == 0:
					out = append(out, id+" is released without an alarm")
				}
			}
			return out
		},
		"    AutoPublishAlias: live\n", ""},
	{"a change of a parameter is released too",
		"SAM compares a function as written, so that the alias would keep the old variables; and Lambda publishes no " +
			"version of a function that is as before",
		func(d *doc) (out []string) {
			build, err := read(d.text, map[string]string{"Build": "0123456789"})
			if err != nil {
				return []string{err.Error()}
			}
			for _, id := range build.of("AWS::Serverless::Function") {
				if p := build.properties[id]; p["AutoPublishCodeSha256"] != "0123456789" ||
					at(p, "Environment", "Variables", "BUILD") != "0123456789" {
					out = append(out, id)
				}
			}
			return out
		},
		"      AutoPublishCodeSha256: !Ref Build\n", ""},
	{"what fails can be repaired", "CodeDeploy starts no release while one of its alarms rings",
		func(d *doc) (out []string) {
			atOnce, err := read(d.text, map[string]string{"Release": "AllAtOnce"})
			if err != nil {
				return []string{err.Error()}
			}
			for _, id := range atOnce.of("AWS::Serverless::Function") {
				if preference := at(atOnce.properties[id], "DeploymentPreference"); at(preference, "Type") != "AllAtOnce" ||
					len(template.List(at(preference, "Alarms"))) > 0 {
					out = append(out, fmt.Sprint(id, " is released ", preference))
				}
			}
			return out
		},
		"Alarms: !If [IsWatched, [!Ref FailedRequestsAlarm, !Ref FailedBatchesAlarm], " +
			"[]]", "Alarms: [!Ref FailedRequestsAlarm, !Ref FailedBatchesAlarm]"},
	{"a release's alarms wait for no API",
		"the API names the aliases, these wait for their deployment and that for its alarms: a circle, which " +
			"CloudFormation refuses",
		func(d *doc) (out []string) {
			watching := d.releaseAlarms()
			for _, id := range slices.Sorted(maps.Keys(watching)) {
				if d.types[id] != "AWS::CloudWatch::Alarm" {
					out = append(out, id+" is no alarm of the template")
				}
				for _, api := range d.of("AWS::Serverless::HttpApi") {
					if names(d.properties[id], template.Stack+"-"+api) {
						out = append(out, id+" names "+api)
					}
				}
			}
			return out
		},
		"      MetricName: FailedRequests\n      Statistic", "      MetricName: FailedRequests\n      Dimensions: [{Name: " +
			"ApiId, Value: !Ref Api}]\n      Statistic"},
	{"nothing calls around the alias",
		"a mapping, schedule or permission on the function itself runs what is not released",
		func(d *doc) (out []string) {
			for _, id := range slices.Sorted(maps.Keys(d.properties)) {
				switch d.types[id] {
				case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard": // they look at all versions
					continue
				}
				for _, function := range d.of("AWS::Serverless::Function") {
					if names(d.properties[id], template.Stack+"-"+function) {
						out = append(out, id+" names "+function)
					}
				}
			}
			return out
		},
		"  UnappliedVisits:\n", "  Around: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !GetAtt " +
			"RollupFunction.Arn}}\n\n  UnappliedVisits:\n"},
	{"pages can be brought back", "an upload replaces them, and only a bucket with versions keeps what was there",
		func(d *doc) (out []string) {
			for _, id := range d.of("AWS::S3::Bucket") {
				p := d.properties[id]
				if at(p, "VersioningConfiguration", "Status") != "Enabled" {
					out = append(out, id+" keeps no versions")
				}
				if !strings.Contains(fmt.Sprint(p["LifecycleConfiguration"]), "NoncurrentDays") {
					out = append(out, id+" keeps every version for ever")
				}
			}
			return out
		},
		"      VersioningConfiguration: {Status: Enabled}\n", ""},
}

// releaseAlarms are those that take a release back.
func (d *doc) releaseAlarms() map[string]bool {
	out := map[string]bool{}
	for _, id := range d.of("AWS::Serverless::Function") {
		for _, alarm := range template.Strings(at(d.properties[id], "DeploymentPreference", "Alarms")) {
			out[strings.TrimPrefix(alarm, template.Stack+"-")] = true
		}
	}
	return out
}

// names reports whether a value holds a resource's name, as itself or at the end of its ARN.
func names(v any, name string) bool {
	switch v := v.(type) {
	case string:
		return v == name || strings.HasSuffix(v, ":"+name)
	case map[string]any:
		for _, item := range v {
			if names(item, name) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if names(item, name) {
				return true
			}
		}
	}
	return false
}

package template_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

const sample = `
Parameters:
  Stage: {Type: String, Default: prod}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
Conditions:
  Local: !Equals [!Ref Stage, local]
  Other: !And [!Not [!Condition Local], !Equals [1, "1"]]
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    Timeout: 7
    Environment: {Variables: {STAGE: !Ref Stage, SHARED: global}}
Resources:
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  Simple:
    Type: AWS::Serverless::SimpleTable
  Hidden:
    Type: AWS::DynamoDB::Table
    Condition: Other
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/worker/
      MemorySize: !If [Local, 128, 512]
      Policies: [{Statement: [{Effect: Allow, Action: x:Read, Resource: !GetAtt Things.Arn}]}]
      Environment:
        Variables:
          SHARED: own
          TABLE: !Ref Things
          ARN: !GetAtt Things.Arn
          LONG: {"Fn::GetAtt": [Things, Arn]}
          STREAM: !GetAtt Things.StreamArn
          TEXT: !Sub "${Stage}-${AWS::Region}-${Things.Arn}-${!literal}"
          MIXED: !Select [1, !Split [".", "x.y.z"]]
          ZONES: !Select [1, !Ref Zones]
          CHOSEN: !If [Local, yes, no]
          GONE: !If [Local, !Ref AWS::NoValue, there]
          NUMBER: 3
      Events:
        Get: {Type: HttpApi, Properties: {Method: GET, Path: /x}}
  Foreign:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/foreign/, Environment: {Variables: {X: !ImportValue elsewhere}}}
`

func TestEvaluation(t *testing.T) {
	tpl, err := template.Parse([]byte(sample), map[string]string{"Stage": "local", "Unknown": "ignored"})
	if err != nil {
		t.Fatal(err)
	}
	tpl.SetAttribute("Things", "StreamArn", "arn:stream")
	functions, problems, err := tpl.Functions()
	if err != nil || len(functions) != 1 {
		t.Fatal(functions, err)
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "Foreign") ||
		!strings.Contains(problems[0].Error(), "Fn::ImportValue") {
		t.Errorf("what cannot be read is named as %v", problems)
	}
	f := functions[0]
	arn := "arn:aws:dynamodb:eu-west-2:000000000000:table/mi-connect-local-Things"
	want := map[string]string{
		"STAGE": "local", "SHARED": "own", "TABLE": "mi-connect-local-Things", "ARN": arn, "LONG": arn,
		"STREAM": "arn:stream",
		"TEXT":   "local-eu-west-2-" + arn + "-${literal}", "MIXED": "y", "ZONES": "b", "CHOSEN": "yes", "NUMBER": "3",
	}
	if !reflect.DeepEqual(f.Env, want) {
		t.Errorf("env\n got %v\nwant %v", f.Env, want)
	}
	if f.Timeout != 7*time.Second || f.MemoryMB != 128 || f.Handler != "bootstrap" || len(f.EventSources) != 1 {
		t.Errorf("function %+v", f)
	}
	if len(f.Statements) != 1 || f.Statements[0]["Resource"] != arn {
		t.Errorf("statements %v", f.Statements)
	}
	tables, err := tpl.Tables()
	if err != nil || len(tables) != 2 || tables[0].ID != "Things" || tables[1].ID != "Simple" {
		t.Errorf("tables %v, %v: the one whose condition fails is not to be there", tables, err)
	}
}

func TestBadTemplates(t *testing.T) {
	for name, text := range map[string]string{
		"empty":                  "",
		"no map":                 "[1]",
		"broken":                 "a: [",
		"a key twice":            "Resources: {A: {Type: x}, A: {Type: y}}",
		"parameter with nothing": "Parameters: {P: {Type: String}}",
	} {
		if _, err := template.Parse([]byte(text), nil); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, text := range map[string]string{
		"unknown reference":  "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Ref Nothing}}}",
		"unknown resource":   "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !GetAtt Nothing.Arn}}}",
		"unknown function":   "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Guess x}}}",
		"select out of list": "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Select [3, [a]]}}}",
		"join":               "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Join [a, [b, c]]}}}",
		"map": "Mappings: {M: {a: {b: c}}}\nResources: {F: {Type: AWS::Serverless::Function, Properties: " +
			"{CodeUri: !FindInMap [M, a, b]}}}",
		"base64": "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Base64 a}}}",
		"zones": "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Select [0, !GetAZs " +
			"a]}}}",
		"sub with a map": "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Sub [a, {b: c}]}}}",
		"or": "Conditions: {C: !Or [!Equals [a, a], !Equals [a, b]]}\nResources: {F: {Type: " +
			"AWS::Serverless::Function, Properties: {CodeUri: !If [C, a, b]}}}",
		"unknown condition": "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !If [No, a, b]}}}",
	} {
		tpl, err := template.Parse([]byte(text), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, problems, _ := tpl.Functions(); len(problems) != 1 {
			t.Errorf("%s: %v", name, problems)
		}
	}
	circle := "Conditions: {A: !Not [!Condition B], B: !Condition A}\nResources: {T: {Type: AWS::DynamoDB::Table, " +
		"Condition: A}}"
	tpl, err := template.Parse([]byte(circle), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tpl.Tables(); err == nil {
		t.Error("a circle of conditions is accepted")
	}
}

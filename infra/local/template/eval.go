package template

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// noValue marks what {Ref: AWS::NoValue} removes from its map or list.
type noValue struct{}

// SetRef says what !Ref of a resource gives.
func (t *Template) SetRef(id, value string) { t.names[id] = value }

// SetAttribute says what !GetAtt id.name gives.
func (t *Template) SetAttribute(id, name string, value any) {
	if t.attributes[id] == nil {
		t.attributes[id] = map[string]any{}
	}
	t.attributes[id][name] = value
}

// Eval works out every intrinsic function in v.
func (t *Template) Eval(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		out := make([]any, 0, len(v))
		for _, item := range v {
			e, err := t.Eval(item)
			if err != nil {
				return nil, err
			}
			if _, gone := e.(noValue); !gone {
				out = append(out, e)
			}
		}
		return out, nil
	case map[string]any:
		if len(v) == 1 {
			for name, arg := range v {
				if name == "Ref" {
					return t.ref(String(arg))
				}
				if strings.HasPrefix(name, "Fn::") {
					e, err := t.call(strings.TrimPrefix(name, "Fn::"), arg)
					if err != nil {
						return nil, fmt.Errorf("%s: %w", name, err)
					}
					return e, nil
				}
			}
		}
		out := make(map[string]any, len(v))
		for key, item := range v {
			e, err := t.Eval(item)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			if _, gone := e.(noValue); !gone {
				out[key] = e
			}
		}
		return out, nil
	}
	return v, nil
}

var pseudo = map[string]any{
	"AWS::Region":           Region,
	"AWS::AccountId":        AccountID,
	"AWS::StackName":        Stack,
	"AWS::StackId":          "arn:aws:cloudformation:" + Region + ":" + AccountID + ":stack/" + Stack + "/local",
	"AWS::Partition":        "aws",
	"AWS::URLSuffix":        "amazonaws.com",
	"AWS::NotificationARNs": []any{},
	"AWS::NoValue":          noValue{},
}

func (t *Template) ref(id string) (any, error) {
	if v, ok := pseudo[id]; ok {
		return v, nil
	}
	if v, ok := t.params[id]; ok {
		return v, nil
	}
	if v, ok := t.names[id]; ok {
		return v, nil
	}
	if _, ok := Map(t.doc["Resources"])[id]; ok {
		return Stack + "-" + id, nil
	}
	return nil, fmt.Errorf("%q is neither a parameter nor a resource", id)
}

func (t *Template) getAtt(id, attribute string) (any, error) {
	if v, ok := t.attributes[id][attribute]; ok {
		return v, nil
	}
	resource, ok := Map(t.doc["Resources"])[id]
	if !ok {
		return nil, fmt.Errorf("%q is not a resource", id)
	}
	name := Stack + "-" + id
	if attribute == "Arn" {
		if own := t.names[id]; own != "" && !strings.HasPrefix(own, "arn:") {
			name = own
		}
		return arn(String(Map(resource)["Type"]), name), nil
	}
	if strings.HasSuffix(attribute, "Name") {
		return name, nil
	}
	// Nothing here answers for it; a name that says what it stands for is of more use than a failure.
	return name + "." + attribute, nil
}

// arn is a resource's name as AWS would write it.
func arn(resourceType, name string) string {
	in := func(service, rest string) string {
		return "arn:aws:" + service + ":" + Region + ":" + AccountID + ":" + rest
	}
	switch resourceType {
	case "AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable":
		return in("dynamodb", "table/"+name)
	case "AWS::Serverless::Function", "AWS::Lambda::Function":
		return in("lambda", "function:"+name)
	case "AWS::SQS::Queue":
		return in("sqs", name)
	case "AWS::SNS::Topic":
		return in("sns", name)
	case "AWS::S3::Bucket":
		return "arn:aws:s3:::" + strings.ToLower(name)
	case "AWS::Logs::LogGroup":
		return in("logs", "log-group:"+name)
	case "AWS::SecretsManager::Secret":
		return in("secretsmanager", "secret:"+name)
	}
	parts := strings.Split(resourceType, "::")
	return in(strings.ToLower(parts[min(1, len(parts)-1)]), name)
}

// errNotHere says that the template has begun to use what it did not use before.
var errNotHere = errors.New("is not evaluated here: infra/local/template knows what template.yaml uses")

func (t *Template) call(name string, arg any) (any, error) {
	switch name {
	case "GetAtt":
		a := List(arg)
		if s, ok := arg.(string); ok {
			id, attribute, _ := strings.Cut(s, ".")
			a = []any{id, attribute}
		}
		if len(a) != 2 {
			return nil, errors.New("needs a resource and an attribute")
		}
		return t.getAtt(String(a[0]), String(a[1]))
	case "Sub":
		return t.sub(arg)
	case "If":
		a := List(arg)
		if len(a) != 3 {
			return nil, errors.New("needs a condition and two values")
		}
		yes, err := t.Condition(String(a[0]))
		if err != nil {
			return nil, err
		}
		if yes {
			return t.Eval(a[1])
		}
		return t.Eval(a[2])
	case "Equals", "And", "Not":
		return t.truth(map[string]any{"Fn::" + name: arg})
	case "Select", "Split":
	default:
		return nil, errNotHere
	}
	evaluated, err := t.Eval(arg)
	if err != nil {
		return nil, err
	}
	a := List(evaluated)
	switch name {
	case "Select":
		if len(a) == 2 {
			list, i := List(a[1]), Int(a[0], -1)
			if i < 0 || i >= len(list) {
				return nil, fmt.Errorf("there is no item %s in a list of %d", String(a[0]), len(list))
			}
			return list[i], nil
		}
	case "Split":
		if len(a) == 2 {
			out := []any{}
			for _, part := range strings.Split(String(a[1]), String(a[0])) {
				out = append(out, part)
			}
			return out, nil
		}
	}
	return nil, errors.New("has the wrong number of values")
}

var placeholder = regexp.MustCompile(`\$\{(!?)([^}]+)\}`)

func (t *Template) sub(arg any) (any, error) {
	text, ok := arg.(string)
	if !ok {
		return nil, errNotHere
	}
	var failed error
	out := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		m := placeholder.FindStringSubmatch(match)
		if m[1] == "!" { // ${!x} writes ${x}
			return "${" + m[2] + "}"
		}
		name := strings.TrimSpace(m[2])
		var v any
		var err error
		if id, attribute, ok := strings.Cut(name, "."); ok {
			v, err = t.getAtt(id, attribute)
		} else {
			v, err = t.ref(name)
		}
		if err != nil && failed == nil {
			failed = err
		}
		return String(v)
	})
	return out, failed
}

// Condition evaluates a condition of the template; "" is always true.
func (t *Template) Condition(name string) (bool, error) {
	if name == "" {
		return true, nil
	}
	expression, ok := Map(t.doc["Conditions"])[name]
	if !ok {
		return false, fmt.Errorf("there is no condition %q", name)
	}
	if t.evaluating[name] {
		return false, fmt.Errorf("condition %q depends on itself", name)
	}
	t.evaluating[name] = true
	defer delete(t.evaluating, name)
	return t.truth(expression)
}

func (t *Template) truth(expression any) (bool, error) {
	m := Map(expression)
	if len(m) != 1 {
		return Bool(expression), nil
	}
	for name, arg := range m {
		a := List(arg)
		switch name {
		case "Condition":
			return t.Condition(String(arg))
		case "Fn::Equals":
			if len(a) != 2 {
				return false, errors.New("Fn::Equals needs two values")
			}
			x, err := t.Eval(a[0])
			if err != nil {
				return false, err
			}
			y, err := t.Eval(a[1])
			return String(x) == String(y), err
		case "Fn::Not":
			if len(a) != 1 {
				return false, errors.New("Fn::Not needs one condition")
			}
			v, err := t.truth(a[0])
			return !v, err
		case "Fn::And":
			all := true
			for _, item := range a {
				v, err := t.truth(item)
				if err != nil {
					return false, err
				}
				all = all && v
			}
			return all, nil
		}
	}
	v, err := t.Eval(expression)
	return Bool(v), err
}

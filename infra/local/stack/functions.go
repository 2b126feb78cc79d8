package stack

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/dynamo"
	"github.com/mi-telecom/mi-connect/infra/local/iam"
	"github.com/mi-telecom/mi-connect/infra/local/lambda"
	"github.com/mi-telecom/mi-connect/infra/local/secrets"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

func (s *Stack) startFunctions() ([]template.Function, error) {
	var err error
	if s.secrets, err = secrets.Open(filepath.Join(s.options.DataDir, "secrets.json"), s.template); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if s.logs, err = lambda.NewLogs(filepath.Join(s.options.DataDir, "logs"), s.console.say); err != nil {
		return nil, err
	}
	apis, err := s.template.Resources("AWS::Serverless::HttpApi")
	if err != nil {
		return nil, err
	}
	for _, api := range apis {
		s.template.SetAttribute(api.ID, "ApiEndpoint", s.API)
	}
	functions, problems, err := s.template.Functions()
	if err != nil {
		return nil, err
	}
	for _, p := range problems {
		s.unrun = append(s.unrun, p.Error())
	}
	database, err := s.guard(functions, l)
	if err != nil {
		return nil, err
	}
	account := lambda.NewLimit(s.options.Concurrency)
	for i := range functions {
		f := &functions[i]
		if err := s.environment(f); err != nil {
			s.unrun = append(s.unrun, f.ID+": "+err.Error())
		}
		binary := filepath.Join(s.options.Root, ".build", f.CodeURI, "bootstrap")
		if why := cannotRun(*f, binary); why != "" {
			s.unrun = append(s.unrun, f.ID+": "+why)
		}
		s.functions[f.ID] = *f
		s.pools[f.ID] = lambda.New(lambda.Config{
			Function: *f, Binary: binary, Max: s.options.MaxInstances, Account: account, Logs: s.logs, Say: s.console.say,
			Env: map[string]string{
				"AWS_ACCESS_KEY_ID":                f.ID, // by which its policy is found
				"AWS_SECRET_ACCESS_KEY":            dynamo.AccessKey,
				"AWS_ENDPOINT_URL_DYNAMODB":        database,
				"AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://" + l.Addr().String(),
			},
		})
	}
	s.counts.functions = len(functions)
	return functions, nil
}

// Environment is what these functions find in theirs, but with secrets as texts and the database without the policies
// in between: for commands that fill a run with a past.
func (s *Stack) Environment(functions ...string) (map[string]string, error) {
	env := map[string]string{}
	for _, id := range functions {
		f, ok := s.functions[id]
		if !ok {
			return nil, fmt.Errorf("there is no function %s", id)
		}
		maps.Copy(env, f.Env)
	}
	for name, value := range maps.Clone(env) {
		if secret, ok := strings.CutSuffix(name, "_ARN"); ok {
			env[secret] = s.secrets.Text(value)
		}
	}
	env["AWS_REGION"], env["AWS_ENDPOINT_URL_DYNAMODB"] = template.Region, s.Dynamo.Endpoint
	env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = dynamo.AccessKey, dynamo.AccessKey
	return env, nil
}

// guard puts the functions' policies before the database, whose address it returns, and the secrets.
func (s *Stack) guard(functions []template.Function, forSecrets net.Listener) (database string, err error) {
	tables, err := s.template.Tables()
	if err != nil {
		return "", err
	}
	guard, err := iam.New(functions, tables, s.secrets.ARN, s.console.say)
	if err != nil {
		return "", err
	}
	forDatabase, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	handler, err := guard.Database(s.Dynamo.Endpoint)
	if err != nil {
		return "", err
	}
	s.serve(s.faults.before(handler), forDatabase)
	s.serve(guard.Secrets(s.secrets), forSecrets)
	return "http://" + forDatabase.Addr().String(), nil
}

// environment fills in secrets, and what the template leaves empty from our own environment.
func (s *Stack) environment(f *template.Function) error {
	for name, value := range f.Env {
		if value == "" {
			f.Env[name] = cmp.Or(os.Getenv(name), s.standIn[name])
			continue
		}
		resolved, err := s.secrets.Resolve(value)
		if err != nil {
			return err
		}
		f.Env[name] = resolved
	}
	return nil
}

func cannotRun(f template.Function, binary string) string {
	if f.Package == "Image" {
		return "is a container image, which needs Docker; calls to it fail"
	}
	if f.Runtime != "provided.al2023" && f.Runtime != "provided.al2" {
		return "runtime " + f.Runtime + " does not run here (provided.al2023 does); calls to it fail"
	}
	if _, err := os.Stat(binary); err != nil {
		return "is not built (make build); calls to it fail until it is"
	}
	return ""
}

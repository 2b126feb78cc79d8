package secrets_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mi-telecom/mi-connect/infra/local/secrets"
	"github.com/mi-telecom/mi-connect/infra/local/template"
)

func TestSecrets(t *testing.T) {
	tpl, err := template.Parse([]byte(`
Resources:
  Plain: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {PasswordLength: 40, ExcludePunctuation: true, ExcludeCharacters: abc}}}
  Given: {Type: AWS::SecretsManager::Secret, Properties: {Name: own/name, SecretString: known}}
  Keyed: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {SecretStringTemplate: '{"user":"u"}', GenerateStringKey: password, PasswordLength: 12}}}
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "secrets.json")
	first, err := secrets.Open(path, tpl)
	if err != nil {
		t.Fatal(err)
	}
	if v := first["Plain"].Value; len(v) != 40 || strings.ContainsAny(v, "abc!\"#$%&") {
		t.Errorf("Plain is %q", v)
	}
	second, err := secrets.Open(path, tpl)
	if err != nil || first["Plain"] != second["Plain"] {
		t.Errorf("a second start makes another value: %v", err)
	}
	arn, err := tpl.Eval(map[string]any{"Ref": "Keyed"})
	if err != nil || !strings.HasPrefix(template.String(arn), "arn:aws:secretsmanager:") {
		t.Errorf("!Ref gives %v, %v", arn, err)
	}
	for text, want := range map[string]string{
		"x {{resolve:secretsmanager:own/name}} y":                                   "x known y",
		"{{resolve:secretsmanager:own/name:SecretString}}":                          "known",
		"{{resolve:secretsmanager:" + template.String(arn) + ":SecretString:user}}": "u",
		"{{resolve:secretsmanager:" + second["Plain"].ARN + "}}":                    second["Plain"].Value,
		"nothing": "nothing",
	} {
		if got, err := second.Resolve(text); err != nil || got != want {
			t.Errorf("%s is %q, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"{{resolve:secretsmanager:nobody}}", "{{resolve:secretsmanager:" + template.String(arn) + ":SecretString:nothing}}",
	} {
		if got, err := second.Resolve(text); err == nil {
			t.Errorf("%s is %q", text, got)
		}
	}
}

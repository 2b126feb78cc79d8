// Package secrets keeps the secrets that the template declares in a file, and answers for them as
// Secrets Manager does.
package secrets

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Secret is one value and its name at AWS.
type Secret struct {
	ARN   string `json:"arn"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Store holds the secrets by logical id.
type Store map[string]Secret

// Open reads the file at path and makes what the template declares and the file has not.
func Open(path string, t *template.Template) (Store, error) {
	s := Store{}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &s)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	resources, err := t.Resources("AWS::SecretsManager::Secret")
	if err != nil {
		return nil, err
	}
	made := false
	for _, r := range resources {
		if _, ok := s[r.ID]; ok {
			continue
		}
		p, err := t.Properties(r)
		if err != nil {
			return nil, err
		}
		name := template.String(p["Name"])
		if name == "" {
			name = r.ID
		}
		value, err := generate(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
		// AWS adds six characters of its own to a secret's name.
		arn := "arn:aws:secretsmanager:" + template.Region + ":" + template.AccountID + ":secret:" + name + "-" +
			pick(letters, 6)
		s[r.ID] = Secret{ARN: arn, Name: name, Value: value}
		made = true
	}
	for id, secret := range s {
		t.SetRef(id, secret.ARN)
		t.SetAttribute(id, "Id", secret.ARN)
	}
	if !made {
		return s, nil
	}
	if text, err = json.MarshalIndent(s, "", "  "); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return nil, err
	}
	return s, os.Rename(path+".new", path)
}

const (
	lower       = "abcdefghijklmnopqrstuvwxyz"
	upper       = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	letters     = lower + upper
	digits      = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// generate makes a value as SecretString or GenerateSecretString say.
func generate(p map[string]any) (string, error) {
	if v, ok := p["SecretString"]; ok {
		return template.String(v), nil
	}
	g := template.Map(p["GenerateSecretString"])
	alphabet := ""
	for _, part := range []struct{ exclude, characters string }{
		{"ExcludeLowercase", lower}, {"ExcludeUppercase", upper}, {"ExcludeNumbers", digits},
		{"ExcludePunctuation", punctuation},
	} {
		if !template.Bool(g[part.exclude]) {
			alphabet += part.characters
		}
	}
	if template.Bool(g["IncludeSpace"]) {
		alphabet += " "
	}
	not := template.String(g["ExcludeCharacters"])
	alphabet = strings.Map(func(r rune) rune {
		if strings.ContainsRune(not, r) {
			return -1
		}
		return r
	}, alphabet)
	if alphabet == "" {
		return "", errors.New("GenerateSecretString leaves no character to choose from")
	}
	value := pick(alphabet, template.Int(g["PasswordLength"], 32))
	key := template.String(g["GenerateStringKey"])
	if key == "" {
		return value, nil
	}
	var around map[string]any
	if err := json.Unmarshal([]byte(template.String(g["SecretStringTemplate"])), &around); err != nil {
		return "", fmt.Errorf("SecretStringTemplate: %w", err)
	}
	around[key] = value
	text, err := json.Marshal(around)
	return string(text), err
}

func pick(alphabet string, n int) string {
	out := make([]byte, n)
	for i := range out {
		k, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		out[i] = alphabet[k.Int64()]
	}
	return string(out)
}

// find looks a secret up by ARN, by an ARN without the added characters, or by name.
func (s Store) find(id string) (Secret, bool) {
	for _, secret := range s {
		if id == secret.ARN || id == secret.Name || id == secret.ARN[:len(secret.ARN)-7] {
			return secret, true
		}
	}
	return Secret{}, false
}

// ARN is the ARN of the secret that id names in any of these ways, id itself when there is none.
func (s Store) ARN(id string) string {
	if secret, ok := s.find(id); ok {
		return secret.ARN
	}
	return id
}

// Text is the secret that id names in any of these ways, "" for none.
func (s Store) Text(id string) string {
	secret, _ := s.find(id)
	return secret.Value
}

var reference = regexp.MustCompile(`\{\{resolve:secretsmanager:([^}]+)\}\}`)

// Resolve replaces {{resolve:secretsmanager:id:SecretString:key}} in text.
func (s Store) Resolve(text string) (string, error) {
	var failed error
	out := reference.ReplaceAllStringFunc(text, func(match string) string {
		id, rest := reference.FindStringSubmatch(match)[1], ""
		if strings.HasPrefix(id, "arn:") {
			if parts := strings.SplitN(id, ":", 8); len(parts) == 8 {
				id, rest = strings.Join(parts[:7], ":"), parts[7]
			}
		} else {
			id, rest, _ = strings.Cut(id, ":")
		}
		secret, ok := s.find(id)
		if !ok {
			failed = fmt.Errorf("there is no secret %s", id)
			return ""
		}
		parts := strings.Split(rest, ":") // SecretString, a key of the JSON, stage, version
		if len(parts) < 2 || parts[1] == "" {
			return secret.Value
		}
		var fields map[string]any
		if err := json.Unmarshal([]byte(secret.Value), &fields); err != nil || fields[parts[1]] == nil {
			failed = fmt.Errorf("the secret %s has no key %s", id, parts[1])
		}
		return template.String(fields[parts[1]])
	})
	return out, failed
}

// ServeHTTP answers GetSecretValue and DescribeSecret.
func (s Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	var in struct {
		SecretID string `json:"SecretId"`
	}
	_ = json.Unmarshal(body, &in)
	answer := func(status int, v map[string]any) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if call != "GetSecretValue" && call != "DescribeSecret" {
		answer(http.StatusBadRequest, map[string]any{
			"__type": "InvalidRequestException", "Message": call + " does not run on one machine",
		})
		return
	}
	secret, ok := s.find(in.SecretID)
	if !ok {
		answer(http.StatusBadRequest, map[string]any{
			"__type": "ResourceNotFoundException", "Message": "Secrets Manager can't find the specified secret.",
		})
		return
	}
	out := map[string]any{"ARN": secret.ARN, "Name": secret.Name}
	if call == "GetSecretValue" {
		out["SecretString"] = secret.Value
		out["VersionId"] = "00000000-0000-0000-0000-000000000000"
		out["VersionStages"] = []string{"AWSCURRENT"}
	}
	answer(http.StatusOK, out)
}

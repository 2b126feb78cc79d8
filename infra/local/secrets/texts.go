package secrets

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// Texts makes up every secret that functions would also take as text: a variable left empty beside one of
// its name with _ARN. It is for where nothing answers as Secrets Manager.
func Texts(functions []template.Function) map[string]string {
	out := map[string]string{}
	for _, f := range functions {
		for name, value := range f.Env {
			if _, secret := f.Env[name+"_ARN"]; secret && value == "" && out[name] == "" {
				key := make([]byte, 32)
				_, _ = rand.Read(key)
				out[name] = hex.EncodeToString(key)
			}
		}
	}
	return out
}

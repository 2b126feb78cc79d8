// Package archtest holds the rules of who may import whom, each with its reason.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
)

const module = "github.com/mi-telecom/mi-connect/"

// file is one Go file: where it is, what it imports.
type file struct {
	folder  string // under the project's, with slashes
	test    bool
	name    string // of its package
	imports []string
}

// ours is an import's folder when it is one of the project's own.
func ours(imported string) (folder string, ok bool) { return strings.CutPrefix(imported, module) }

// in reports whether a folder is one of, or under one of, those named.
func in(folder string, names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return folder == n || strings.HasPrefix(folder, n+"/") })
}

// function is the name of the function whose folder it is, "" for none.
func function(folder string) string {
	rest, ok := strings.CutPrefix(folder, "functions/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// deployed reports whether what a file imports ends up in a function's binary.
func deployed(f file) bool { return !f.test && in(f.folder, "functions", "shared") }

func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// rules say what a file must not do. breaks is asked for every import; "" is the file itself.
var rules = []struct {
	name, reason string
	breaks       func(f file, imported string) bool
	planted      map[string]string // a file that breaks it
}{
	{
		"no function imports another", "each is deployed alone, with its own permissions; what two share is in shared/",
		func(f file, imported string) bool {
			to, ok := ours(imported)
			return ok && function(to) != "" && function(to) != function(f.folder) && !in(f.folder, "infra")
		},
		map[string]string{"functions/login/x.go": `import _ "` + module + `functions/events"`},
	},
	{
		"a function's rooms are its own", "what they decide, such as who is let in, is decided through its handlers only",
		func(f file, imported string) bool {
			to, ok := ours(imported)
			return ok && strings.Count(to, "/") > 1 && function(to) != "" && !in(f.folder, "functions/"+function(to))
		},
		map[string]string{"infra/x.go": `import _ "` + module + `functions/login/guard"`},
	},
	{
		"login's rooms know no requests", "what is known of a caller is found out once, and handed to them",
		func(f file, imported string) bool {
			return !f.test && in(f.folder, "functions/login/guard", "functions/login/factors") && imported == "net/http"
		},
		map[string]string{"functions/login/guard/x.go": `import _ "net/http"`},
	},
	{
		"only factors uses go-webauthn", "what of a passkey is believed, and kept, is decided in one place",
		func(f file, imported string) bool {
			return strings.HasPrefix(imported, "github.com/go-webauthn/") && deployed(f) && f.folder != "functions/login/factors"
		},
		map[string]string{"functions/login/x.go": `import _ "github.com/go-webauthn/webauthn/webauthn"`},
	},
	{
		"only store uses DynamoDB's SDK",
		"failed conditions become errors of the product in one place, and every key stands in one table",
		func(f file, imported string) bool {
			return in(
				imported, "github.com/aws/aws-sdk-go-v2/service/dynamodb", "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams",
			) &&
				deployed(f) && f.folder != "shared/store"
		},
		map[string]string{"functions/events/x.go": `import _ "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"`},
	},
	{
		"only lambdahttp and the mains use aws-lambda-go",
		"the rest of the code knows requests and records, not where it runs",
		func(f file, imported string) bool {
			if !in(imported, "github.com/aws/aws-lambda-go") || !deployed(f) || f.folder == "shared/lambdahttp" {
				return false
			}
			return function(f.folder) == "" || f.name != "main" || imported != "github.com/aws/aws-lambda-go/lambda"
		},
		map[string]string{"shared/web/x.go": `import _ "github.com/aws/aws-lambda-go/lambdacontext"`},
	},
	{
		"the mains read no events themselves", "lambdahttp alone knows the shapes of Lambda's events",
		func(f file, imported string) bool {
			return imported == "github.com/aws/aws-lambda-go/events" && deployed(f) && f.folder != "shared/lambdahttp"
		},
		map[string]string{"functions/rollup/x.go": `import _ "github.com/aws/aws-lambda-go/events"`},
	},
	{
		"connect needs the standard library only", "the product's rules are read, and tested, without knowing anything else",
		func(f file, imported string) bool {
			return in(f.folder, "shared/connect") && imported != "" && !standard(imported) && imported != module+"shared/connect"
		},
		map[string]string{"shared/connect/x.go": `import _ "` + module + `shared/phone"`},
	},
	{
		"only billing uses stripe-go", "whoever can call Stripe can charge people: one package, three functions",
		func(f file, imported string) bool {
			return strings.HasPrefix(imported, "github.com/stripe/") && deployed(f) && f.folder != "shared/billing"
		},
		map[string]string{"functions/dashboard/x.go": `import _ "github.com/stripe/stripe-go/v76"`},
	},
	{
		"shared holds no Go file itself", "a package without a name of its own would collect everything",
		func(f file, imported string) bool { return f.folder == "shared" },
		map[string]string{"shared/x.go": ``},
	},
	{
		"packages are named for what they provide", "util, common and helpers are names for nothing",
		func(f file, imported string) bool {
			return slices.Contains(
				[]string{"util", "utils", "common", "helpers", "helper", "types", "models", "misc", "lib", "base"},
				path.Base(f.folder),
			)
		},
		map[string]string{"shared/util/x.go": ``},
	},
	{
		"what is deployed imports nothing of infra or internal",
		"those run on a developer's machine and link servers and databases",
		func(f file, imported string) bool {
			to, ok := ours(imported)
			return ok && deployed(f) && in(to, "infra", "internal", "e2e", "events-samples")
		},
		map[string]string{"shared/web/x.go": `import _ "` + module + `infra/local/dynamo"`},
	},
	{
		"shared imports no function", "it is the other way round",
		func(f file, imported string) bool {
			to, ok := ours(imported)
			return ok && in(f.folder, "shared") && function(to) != ""
		},
		map[string]string{"shared/web/x_test.go": `import _ "` + module + `functions/events"`},
	},
	{
		"store knows no requests", "it is called by handlers and by streams alike",
		func(f file, imported string) bool {
			to, ok := ours(imported)
			return ok && !f.test &&
				in(f.folder, "shared/store", "shared/token", "shared/password", "shared/phone", "shared/mail", "shared/secret") &&
				in(to, "shared/web", "shared/lambdahttp")
		},
		map[string]string{"shared/store/x.go": `import _ "` + module + `shared/web"`},
	},
	{
		"web knows no tables", "it is given the one question it asks, who somebody is",
		func(f file, imported string) bool {
			to, ok := ours(imported)
			return ok && !f.test && in(f.folder, "shared/web", "shared/lambdahttp") && in(to, "shared/store")
		},
		map[string]string{"shared/web/x.go": `import _ "` + module + `shared/store"`},
	},
	{
		"the SDK's shared configuration is not loaded",
		"it costs every cold start a millisecond, 2 MB and 11,000 allocations",
		func(f file, imported string) bool {
			return in(imported, "github.com/aws/aws-sdk-go-v2/config", "github.com/aws/aws-sdk-go-v2/feature") && deployed(f)
		},
		map[string]string{"shared/mail/x.go": `import _ "github.com/aws/aws-sdk-go-v2/config"`},
	},
	{
		"one package for each service of AWS",
		"a call that needs a permission is found where the template's reader looks for it",
		func(f file, imported string) bool {
			service, ok := strings.CutPrefix(imported, "github.com/aws/aws-sdk-go-v2/service/")
			home := map[string]string{"sesv2": "shared/mail", "secretsmanager": "shared/secret"}
			service, _, _ = strings.Cut(service, "/")
			return ok && deployed(f) && home[service] != "" && home[service] != f.folder
		},
		map[string]string{"functions/deliver/x.go": `import _ "github.com/aws/aws-sdk-go-v2/service/sesv2"`},
	},
	{
		"only tests import what is made for tests", "it fails by ending a test",
		func(f file, imported string) bool {
			to, ok := ours(imported)
			return ok && !f.test && (to == "internal/apitest" && f.folder != "internal/stripetest" ||
				to == "internal/stripetest" ||
				to == "infra/local/localtest" && !in(f.folder, "internal/apitest", "internal/stripetest", "infra/bench"))
		},
		map[string]string{"infra/local/x.go": `import _ "` + module + `internal/apitest"`},
	},
	{
		"only apitest validates against OpenAPI", "the library is large and nothing that is deployed needs it",
		func(f file, imported string) bool {
			return strings.HasPrefix(imported, "github.com/pb33f/") && f.folder != "internal/apitest"
		},
		map[string]string{"shared/web/x_test.go": `import _ "github.com/pb33f/libopenapi"`},
	},
}

// read collects a tree's Go files.
func read(t *testing.T, tree fs.FS) (files []file) {
	t.Helper()
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base != "." &&
				(strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata" || base == "dist") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := file{folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), name: parsed.Name.Name}
		for _, i := range parsed.Imports {
			imported, _ := strconv.Unquote(i.Path.Value)
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// broken lists the rules that files break, with where.
func broken(files []file) map[string][]string {
	out := map[string][]string{}
	for _, rule := range rules {
		for _, f := range files {
			for _, imported := range append([]string{""}, f.imports...) {
				if rule.breaks(f, imported) {
					out[rule.name] = append(out[rule.name], f.folder+" "+imported)
				}
			}
		}
	}
	return out
}

func TestRules(t *testing.T) {
	files := read(t, os.DirFS(localtest.Root(t)))
	if len(files) < 80 {
		t.Fatalf("only %d Go files were found", len(files))
	}
	found := broken(files)
	for _, rule := range rules {
		slices.Sort(found[rule.name])
		for _, where := range slices.Compact(found[rule.name]) {
			t.Errorf("%s: %s\n  because %s", rule.name, where, rule.reason)
		}
	}
	t.Logf("%d rules over %d files", len(rules), len(files))
}

// A rule that nothing can break is none: each finds the violation planted for it.
func TestEachRuleFindsWhatBreaksIt(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			if rule.reason == "" || len(rule.planted) == 0 {
				t.Fatal("a rule needs a reason and something that breaks it")
			}
			for name, text := range rule.planted {
				pkg := "x"
				if function(path.Dir(name)) != "" {
					pkg = "main"
				}
				tree := fstest.MapFS{name: {Data: []byte("package " + pkg + "\n" + text + "\n")}}
				if len(broken(read(t, tree))[rule.name]) == 0 {
					t.Errorf("%s does not break it", name)
				}
				clean := fstest.MapFS{"shared/connect/x.go": {Data: []byte("package connect\nimport _ \"time\"\n")}}
				if b := broken(read(t, clean)); len(b) != 0 {
					t.Errorf("a file that is in order: %v", b)
				}
			}
		})
	}
}

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/mail"
)

const (
	ordinary = "Miller & Sons Ltd"
	hostile  = `</p><script src="https://evil.example/x.js"></script><img src=x onerror=alert(1)>"'>{{.Token}} ` +
		`http://evil.example/a?b=c www.evil.example [Log in](https://evil.example) mailto:eve@evil.example`
)

// opened notes which files of a folder are read.
type opened struct {
	fs.FS
	mu    sync.Mutex
	names map[string]bool
}

func (o *opened) Open(name string) (fs.File, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.names[name] = true
	return o.FS.Open(name)
}

// Every kind of message is written, by ordinary people and by hostile ones: what its reader gets is the same in both
// parts, and holds no link, element or style that is not ours.
func TestEveryMail(t *testing.T) {
	used := &opened{FS: letters.Files, names: map[string]bool{}}
	letters.Files = used
	t.Cleanup(func() { letters.Files = used.FS })
	for name, text := range map[string]string{"ordinary": ordinary, "hostile": hostile} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			written, named := map[connect.MessageKind]bool{}, 0
			for _, story := range stories(f, text) {
				for _, m := range story {
					out := f.letterOf(m)
					if out == nil {
						t.Errorf("%s: no mail", m.Kind)
						continue
					}
					written[m.Kind] = true
					if strings.Contains(out.Text, inert(text)) {
						named++
					}
					for _, fault := range faults(f, out) {
						t.Errorf("%s: %s\n%s\n%s", m.Kind, fault, out.Text, out.HTML)
					}
				}
			}
			noMail := []connect.MessageKind{connect.MailNothing, connect.AuditLoginRefused, connect.PushRequested}
			for _, kind := range kinds(t) {
				if !written[kind] && !slices.Contains(noMail, kind) {
					t.Errorf("no mail of the kind %q was written", kind)
				}
			}
			if named < 7 { // four of billing, one of usage, two of complaints
				t.Errorf("%d mails hold the text, want 7: nothing was tried", named)
			}
		})
	}
	files, err := fs.ReadDir(used.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !used.names[file.Name()] && file.Name() != "README.md" {
			t.Errorf("no mail uses %s", file.Name())
		}
	}
}

// letterOf is the mail of a message, as it would be sent.
func (f *fixture) letterOf(m connect.Message) *mail.Mail {
	f.T.Helper()
	if m.Kind == connect.MailComplaintDigest {
		f.post.mails = nil
		if err := f.digest(f.T.Context(), m, f.Clock.Now()); err != nil || len(f.post.mails) != 1 {
			f.T.Fatalf("%d digests, %v", len(f.post.mails), err)
		}
		return &f.post.mails[0]
	}
	out, err := f.write(f.T.Context(), m, f.Clock.Now())
	if err != nil {
		f.T.Fatalf("%s: %v", m.Kind, err)
	}
	return out
}

// kinds are all that the code names.
func kinds(t *testing.T) (out []connect.MessageKind) {
	t.Helper()
	for _, folder := range []string{"../../shared/store", "../../shared/connect"} {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if kind, is := typeOf(spec, ok); is && kind == "MessageKind" && len(spec.Values) == 1 {
					if value, ok := spec.Values[0].(*ast.BasicLit); ok {
						out = append(out, connect.MessageKind(strings.Trim(value.Value, `"`)))
					}
				}
				return true
			})
		}
	}
	if len(out) < 20 {
		t.Fatalf("%d kinds of messages found", len(out))
	}
	return out
}

func typeOf(spec *ast.ValueSpec, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	name, is := spec.Type.(*ast.Ident)
	if !is {
		return "", false
	}
	return name.Name, true
}

var (
	elements = []string{
		"html",
		"head",
		"meta",
		"title",
		"style",
		"body",
		"table",
		"tbody",
		"tr",
		"td",
		"span",
		"h1",
		"p",
		"a",
		"br",
	}
	attrs = []string{
		"lang",
		"charset",
		"name",
		"content",
		"class",
		"style",
		"role",
		"width",
		"cellspacing",
		"cellpadding",
		"border",
		"align",
		"href",
		"aria-hidden",
	}
	links = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,]`)
)

// faults are what is wrong with a mail.
func faults(f *fixture, m *mail.Mail) (out []string) {
	fault := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if m.To == "" || m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") || len(m.Subject) > 70 {
		fault("to %q, subject %q", m.To, m.Subject)
	}
	root, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		fault("%v", err)
		return out
	}
	hrefs, body := map[string]bool{}, ""
	for n := range root.Descendants() {
		switch n.Type {
		case html.CommentNode:
			fault("a comment %q", n.Data)
		case html.TextNode:
			if n.Parent.Data == "style" {
				if regexp.MustCompile(`(?i)url\(|@import|expression`).MatchString(n.Data) {
					fault("a style that loads")
				}
			} else if within(n, "card") && n.Parent.Data != "h1" {
				body += n.Data
			}
		case html.ElementNode:
			if n.Data == "p" || n.Data == "td" {
				body += " "
			}
			if !slices.Contains(elements, n.Data) {
				fault("an element %s", n.Data)
			}
			for _, a := range n.Attr {
				if !slices.Contains(attrs, a.Key) || a.Key == "style" && strings.Contains(a.Val, "url(") {
					fault("an attribute %s=%q", a.Key, a.Val)
				}
				if a.Key == "href" && strings.HasPrefix(a.Val, "tel:") {
					if a.Val != "tel:"+visitorPhone {
						fault("a call to %s", a.Val)
					}
				} else if a.Key == "href" {
					hrefs[a.Val] = true
				}
			}
		}
	}
	plain := map[string]bool{}
	for _, link := range links.FindAllString(m.Text, -1) {
		plain[link] = true
		if !strings.HasPrefix(link, f.origin+"/") && link != "https://ico.org.uk/make-a-complaint/" {
			fault("a link to %s", link)
		}
	}
	if !maps.Equal(plain, hrefs) {
		fault("links %v in the text, %v in the HTML", plain, hrefs)
	}
	text, footer, ok := strings.Cut(m.Text, "\n\n-- \n")
	if !ok || !strings.Contains(footer, f.privacy) || !strings.Contains(m.HTML, f.privacy) {
		fault("no footer")
	}
	if a, b := words(strings.ReplaceAll(text, ":\n"+f.origin, "\n"+f.origin)), words(body); a != b {
		fault("the text says\n%s\nand the HTML\n%s", a, b)
	}
	for _, left := range []string{"{{", "}}", "](", "<no value>", "Monday 1 January 0001", "1 January 0001", "%!"} {
		if strings.Contains(strings.ReplaceAll(text, inert(hostile), ""), left) &&
			!strings.Contains(text, "{{.Token}}") && !strings.Contains(text, inert("{{.Token}}")) {
			fault("%q is left in the text", left)
		}
	}
	return out
}

func within(n *html.Node, class string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		for _, a := range p.Attr {
			if a.Key == "class" && a.Val == class {
				return true
			}
		}
	}
	return false
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

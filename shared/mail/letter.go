package mail

import (
	"errors"
	"fmt"
	"html"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"
)

// Values are what a template names: {{.Plan}} is Values["Plan"], a string or, for range, a []Values.
type Values map[string]any

// Letters writes mails from a folder of templates. A mail is one file, NAME.txt: its first block is the subject,
// every other block a paragraph or, in the form "[label](address)", a button; with a tel: address, a number to call.
// Blocks are found before values are
// filled in, so no value can make one. layout.txt and layout.html are what surrounds them.
//
// The syntax is Go's, read by text/template/parse, but only fields, strings, if and range are understood. Executing a
// text/template or html/template would keep every method of the AWS SDK in the binary: 4.3 MB, 40 % of deliver.
type Letters struct{ Files fs.FS }

// Write returns the mail of a template, with no recipient and no ID yet.
func (l Letters) Write(name string, v Values) (Mail, error) {
	source, err := fs.ReadFile(l.Files, name+".txt")
	if err != nil {
		return Mail{}, fmt.Errorf("mail: %w", err)
	}
	subject, body, _ := strings.Cut(strings.TrimSpace(string(source)), "\n\n")
	m := Mail{}
	if m.Subject, err = one(subject, v); err != nil {
		return Mail{}, fmt.Errorf("mail: subject of %s: %w", name, err)
	}
	var blocks []block
	for source := range strings.SplitSeq(body, "\n\n") {
		read, err := write(source, v)
		if err != nil {
			return Mail{}, fmt.Errorf("mail: %s: %w", name, err)
		}
		blocks = append(blocks, read...)
	}
	if m.Text, err = l.plain(blocks, v); err != nil {
		return Mail{}, fmt.Errorf("mail: layout.txt: %w", err)
	}
	if m.HTML, err = l.markup(m.Subject, blocks, v); err != nil {
		return Mail{}, fmt.Errorf("mail: layout.html: %w", err)
	}
	return m, nil
}

// block is a paragraph, or a button when it has an address, or a number to call.
type block struct {
	text    string
	address string
	call    string   // "tel:+447700900123"
	links   []string // addresses that the template itself has in the text
}

var (
	number  = regexp.MustCompile(`^tel:\+[0-9]{4,15}$`)
	button  = regexp.MustCompile(`^\[(.+)\]\((.+)\)$`)
	literal = regexp.MustCompile(`(https://|\{\{\.Origin\}\}/)[^\s{}()<>]*[^\s{}()<>.,]`)
	joined  = strings.NewReplacer("\\\n", `{{"\n"}}`, "\n", " ") // a line's end is a space unless a backslash keeps it
)

// write returns the blocks of a block's source: none when nothing is left of it, several when all of it is a range.
func write(source string, v Values) ([]block, error) {
	source = joined.Replace(strings.TrimSpace(source))
	if m := button.FindStringSubmatch(source); m != nil {
		label, err := one(m[1], v)
		if err != nil {
			return nil, err
		}
		address, err := one(m[2], v)
		if err == nil && number.MatchString(address) {
			return []block{{text: label, call: address}}, nil
		}
		if err == nil && !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
			err = errors.New("a button without an address")
		}
		return []block{{text: label, address: address}}, err
	}
	tree, err := read(source)
	if err != nil {
		return nil, err
	}
	each := []Values{v}
	var node parse.Node = tree.Root
	if len(tree.Root.Nodes) == 1 && tree.Root.Nodes[0].Type() == parse.NodeRange {
		loop := tree.Root.Nodes[0].(*parse.RangeNode)
		list, err := lookup(loop.Pipe, v)
		if err != nil {
			return nil, err
		}
		var ok bool
		if each, ok = list.([]Values); !ok {
			return nil, fmt.Errorf("%s is no list", loop.Pipe)
		}
		node = loop.List
	}
	links := literal.FindAllString(source, -1)
	for n := range links {
		if links[n], err = one(links[n], v); err != nil {
			return nil, err
		}
	}
	slices.Sort(links)
	links = slices.Compact(links)
	var out []block
	for _, v := range each {
		var b strings.Builder
		if err := fill(&b, node, v); err != nil {
			return nil, err
		}
		if text := strings.TrimSpace(b.String()); text != "" {
			out = append(out, block{text: text, links: links})
		}
	}
	return out, nil
}

func (l Letters) plain(blocks []block, v Values) (string, error) {
	parts := make([]string, len(blocks))
	for i, b := range blocks {
		if parts[i] = b.text; b.address != "" {
			parts[i] += ":\n" + b.address
		}
	}
	text, err := l.layout("layout.txt", "layout.txt", v.with("Body", strings.Join(parts, "\n\n")))
	return text + "\n", err
}

// markup escapes all that is not the layout's own.
func (l Letters) markup(subject string, blocks []block, v Values) (string, error) {
	safe := Values{}
	for name, value := range v {
		if text, ok := value.(string); ok {
			safe[name] = html.EscapeString(text)
		}
	}
	var body strings.Builder
	for _, b := range blocks {
		part := "paragraph"
		if b.address != "" {
			part = "button"
		}
		text := html.EscapeString(b.text)
		if b.call != "" {
			call, err := l.layout("layout.html", "call", Values{"Text": text, "Address": html.EscapeString(b.call)})
			if err != nil {
				return "", err
			}
			text = call
		}
		for _, link := range b.links {
			anchor, err := l.layout("layout.html", "link", Values{"Address": html.EscapeString(link)})
			if err != nil {
				return "", err
			}
			text = strings.ReplaceAll(text, html.EscapeString(link), anchor)
		}
		out, err := l.layout("layout.html", part, Values{"Text": text, "Address": html.EscapeString(b.address)})
		if err != nil {
			return "", err
		}
		body.WriteString(out + "\n")
	}
	safe["Subject"], safe["Body"] = html.EscapeString(subject), body.String()
	text, err := l.layout("layout.html", "layout.html", safe)
	return text + "\n", err
}

// layout fills a layout, or a part that it defines.
func (l Letters) layout(file, part string, v Values) (string, error) {
	source, err := fs.ReadFile(l.Files, file)
	if err != nil {
		return "", err
	}
	trees, err := parse.Parse(file, string(source), "", "")
	if err != nil {
		return "", err
	}
	tree, ok := trees[part]
	if !ok {
		return "", fmt.Errorf("no %s", part)
	}
	var b strings.Builder
	err = fill(&b, tree.Root, v)
	return strings.TrimSpace(b.String()), err
}

func (v Values) with(name, text string) Values {
	out := Values{name: text}
	for n, value := range v {
		if n != name {
			out[n] = value
		}
	}
	return out
}

func read(source string) (*parse.Tree, error) {
	return parse.New("").Parse(source, "", "", map[string]*parse.Tree{})
}

// one fills what is one line.
func one(source string, v Values) (string, error) {
	tree, err := read(joined.Replace(strings.TrimSpace(source)))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = fill(&b, tree.Root, v)
	return strings.Join(strings.Fields(b.String()), " "), err
}

func fill(b *strings.Builder, n parse.Node, v Values) error {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, child := range n.Nodes {
			if err := fill(b, child, v); err != nil {
				return err
			}
		}
		return nil
	case *parse.TextNode:
		b.Write(n.Text)
		return nil
	case *parse.ActionNode:
		value, err := lookup(n.Pipe, v)
		if err != nil {
			return err
		}
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("%s is no text", n)
		}
		b.WriteString(text)
		return nil
	case *parse.IfNode:
		value, err := lookup(n.Pipe, v)
		if err != nil {
			return err
		}
		if value != "" && value != false {
			return fill(b, n.List, v)
		}
		return fill(b, n.ElseList, v)
	}
	return fmt.Errorf("%s is not understood", n)
}

// lookup returns the value of a pipeline that is one field or one string.
func lookup(p *parse.PipeNode, v Values) (any, error) {
	if len(p.Decl) == 0 && len(p.Cmds) == 1 && len(p.Cmds[0].Args) == 1 {
		switch n := p.Cmds[0].Args[0].(type) {
		case *parse.StringNode:
			return n.Text, nil
		case *parse.FieldNode:
			if len(n.Ident) != 1 {
				break
			}
			if value, ok := v[n.Ident[0]]; ok {
				return value, nil
			}
			return nil, fmt.Errorf("no value for %s", n)
		}
	}
	return nil, fmt.Errorf("%s is not understood", p)
}

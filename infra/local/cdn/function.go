package cdn

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

// function is a CloudFront Function: JavaScript that sees each request before anything else does.
type function struct {
	mu      sync.Mutex
	vm      *goja.Runtime
	handler goja.Callable
}

// maxFunction is CloudFront's limit for a function's text.
const maxFunction = 10 << 10

func compile(properties map[string]any) (*function, error) {
	code := template.String(properties["FunctionCode"])
	if len(code) > maxFunction {
		return nil, fmt.Errorf("its code has %d bytes; CloudFront takes %d", len(code), maxFunction)
	}
	f := &function{vm: goja.New()}
	if _, err := f.vm.RunString(code); err != nil {
		return nil, err
	}
	handler, ok := goja.AssertFunction(f.vm.Get("handler"))
	if !ok {
		return nil, errors.New("it has no function handler")
	}
	f.handler = handler
	return f, nil
}

// reply is what a function answers itself, in place of a request that continues.
type reply struct {
	status  int
	headers map[string]string
	body    string
}

// maxReply is CloudFront's limit for the body of a reply.
const maxReply = 40 << 10

// run gives the path that the function makes of the request's, or its own reply.
func (f *function) run(r *http.Request) (path string, own *reply, err error) {
	headers := map[string]any{}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = map[string]any{"value": strings.Join(values, ",")}
	}
	query := map[string]any{}
	for name, values := range r.URL.Query() {
		query[name] = map[string]any{"value": values[0]}
	}
	viewer, _, _ := net.SplitHostPort(r.RemoteAddr)
	f.mu.Lock()
	defer f.mu.Unlock()
	event := f.vm.ToValue(map[string]any{
		"version": "1.0", "context": map[string]any{"eventType": "viewer-request"}, "viewer": map[string]any{"ip": viewer},
		"request": map[string]any{
			"method": r.Method, "uri": r.URL.Path, "querystring": query, "headers": headers, "cookies": map[string]any{},
		},
	})
	slow := time.AfterFunc(time.Second, func() { f.vm.Interrupt("it takes longer than it may") })
	defer func() { slow.Stop(); f.vm.ClearInterrupt() }()
	made, err := f.handler(goja.Undefined(), event)
	if err != nil {
		return "", nil, err
	}
	request, _ := made.Export().(map[string]any)
	if request["statusCode"] != nil {
		own, err = readReply(request)
		return "", own, err
	}
	uri, ok := request["uri"].(string)
	if !ok {
		return "", nil, errors.New("it returns no request")
	}
	return uri, nil, nil
}

func readReply(m map[string]any) (*reply, error) {
	status, _ := m["statusCode"].(int64)
	own := &reply{status: int(status), headers: map[string]string{}}
	if own.status < 100 || own.status > 599 {
		return nil, fmt.Errorf("it answers with status %v", m["statusCode"])
	}
	for name, value := range template.Map(m["headers"]) {
		if name != strings.ToLower(name) {
			return nil, fmt.Errorf("CloudFront wants the names of headers in lower case: %s", name)
		}
		own.headers[name] = template.String(template.Map(value)["value"])
	}
	if body := template.Map(m["body"]); body != nil {
		if encoding := template.String(body["encoding"]); encoding != "text" {
			return nil, fmt.Errorf("a body of encoding %q is not served here", encoding)
		}
		own.body = template.String(body["data"])
	}
	if len(own.body) > maxReply {
		return nil, fmt.Errorf("its body has %d bytes; CloudFront takes %d", len(own.body), maxReply)
	}
	return own, nil
}

// write sends a reply as it is: nothing of the distribution's policies is added to it here, so that it has to be safe
// without them.
func (own *reply) write(w http.ResponseWriter, r *http.Request) {
	for name, value := range own.headers {
		w.Header().Set(name, value)
	}
	w.Header().Set("X-Cache", "FunctionGeneratedResponse from cloudfront")
	w.WriteHeader(own.status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, own.body)
	}
}

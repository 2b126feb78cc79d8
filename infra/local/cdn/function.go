package cdn

import (
	"errors"
	"fmt"
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

// run gives the path that the function makes of the request's.
func (f *function) run(r *http.Request) (path string, err error) {
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
		"request": map[string]any{"method": r.Method, "uri": r.URL.Path, "querystring": query, "headers": headers, "cookies": map[string]any{}},
	})
	slow := time.AfterFunc(time.Second, func() { f.vm.Interrupt("it takes longer than it may") })
	defer func() { slow.Stop(); f.vm.ClearInterrupt() }()
	made, err := f.handler(goja.Undefined(), event)
	if err != nil {
		return "", err
	}
	request, _ := made.Export().(map[string]any)
	if request["statusCode"] != nil {
		return "", errors.New("it answers itself, which is not served here")
	}
	uri, ok := request["uri"].(string)
	if !ok {
		return "", errors.New("it returns no request")
	}
	return uri, nil
}

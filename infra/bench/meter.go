package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// meter stands between the functions and DynamoDB, asks with every call what it consumes, and adds it up.
type meter struct {
	URL    string
	target string
	server *http.Server

	mu     sync.Mutex
	units  map[use]float64
	faults []string
}

// use is what units are added up by.
type use struct {
	table string // as the template names it
	write bool
}

func newMeter(target string) (*meter, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &meter{URL: "http://" + l.Addr().String(), target: target, units: map[use]float64{}}
	m.server = &http.Server{Handler: m}
	go m.server.Serve(l)
	return m, nil
}

func (m *meter) close() { m.server.Close() }

// take gives what was consumed since it was called last. It fails when a call went unmetered.
func (m *meter) take() (map[use]float64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	units, faults := m.units, m.faults
	m.units, m.faults = map[use]float64{}, nil
	if len(faults) > 0 {
		return nil, errors.New("not metered: " + strings.Join(faults, "; "))
	}
	return units, nil
}

// total adds up the writes, or the reads, of all tables.
func total(units map[use]float64, write bool) (sum float64) {
	for u, n := range units {
		if u.write == write {
			sum += n
		}
	}
	return sum
}

func (m *meter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var call map[string]json.RawMessage
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &call)
	}
	if err != nil {
		m.fault(operation, err.Error())
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	call["ReturnConsumedCapacity"] = json.RawMessage(`"TOTAL"`)
	body, _ = json.Marshal(call)
	out, err := http.NewRequestWithContext(r.Context(), r.Method, m.target, bytes.NewReader(body))
	if err != nil {
		m.fault(operation, err.Error())
		return
	}
	for name, values := range r.Header {
		if name != "Content-Length" && name != "Accept-Encoding" {
			out.Header[name] = values
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		m.fault(operation, err.Error())
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	body, _ = io.ReadAll(answer.Body)
	m.count(operation, answer.StatusCode, body)
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(body)
}

type consumed struct {
	TableName     string
	CapacityUnits float64
}

func (m *meter) count(operation string, status int, body []byte) {
	var answer struct {
		ConsumedCapacity json.RawMessage
	}
	if err := json.Unmarshal(body, &answer); err != nil || status != http.StatusOK {
		// A refused write costs as much as one that is made, and says nothing of it: none happens here.
		m.fault(operation, fmt.Sprintf("%d %.200s", status, body))
		return
	}
	var list []consumed
	if json.Unmarshal(answer.ConsumedCapacity, &list) != nil {
		var one consumed
		if err := json.Unmarshal(answer.ConsumedCapacity, &one); err != nil || one.TableName == "" {
			m.fault(operation, fmt.Sprintf("no capacity in the answer: %.200s", body))
			return
		}
		list = []consumed{one}
	}
	write := true
	switch operation {
	case "GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems":
		write = false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range list {
		m.units[use{c.TableName[strings.LastIndex(c.TableName, "-")+1:], write}] += c.CapacityUnits
	}
}

func (m *meter) fault(operation, what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults = append(m.faults, operation+": "+what)
}

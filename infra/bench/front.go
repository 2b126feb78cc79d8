package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/child"
	"github.com/mi-telecom/mi-connect/shared/token"
)

// local is `make dev`, or what it runs, on ports and data of its own.
type local struct {
	origin, demo string
	took         time.Duration // from the command to serving
	cmd          *exec.Cmd
	output       bytes.Buffer
	exited       chan struct{}
}

// startLocal runs a command that serves, and returns when both sites answer.
func (b *bench) startLocal(ctx context.Context, instances int, command ...string) (*local, error) {
	port, err := freePorts()
	if err != nil {
		return nil, err
	}
	l := &local{
		origin: "http://localhost:" + strconv.Itoa(port), demo: "http://127.0.0.1:" + strconv.Itoa(port+1),
		exited: make(chan struct{}),
	}
	l.cmd = exec.Command(command[0], command[1:]...)
	l.cmd.Env = append(os.Environ(), "PORT="+strconv.Itoa(port),
		"DATA_DIR="+filepath.Join(b.dir, "data-"+strconv.Itoa(port)),
		"LOCAL_MAX_INSTANCES="+strconv.Itoa(instances))
	l.cmd.Stdout, l.cmd.Stderr = &l.output, &l.output
	l.cmd.WaitDelay = time.Second
	began := time.Now()
	if err := child.Start(l.cmd); err != nil {
		return nil, err
	}
	go func() { _ = l.cmd.Wait(); close(l.exited) }()
	for _, address := range []string{l.origin + "/", l.demo + "/", l.origin + "/_local/health"} {
		for {
			r, err := http.Get(address)
			if err == nil {
				r.Body.Close()
				if r.StatusCode == http.StatusOK {
					break
				}
				err = errors.New(r.Status)
			}
			select {
			case <-l.exited:
				return nil, fmt.Errorf("%s ended: %s", command[0], l.output.String())
			case <-ctx.Done():
				l.stop()
				return nil, ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
			if time.Since(began) > 3*time.Minute {
				l.stop()
				return nil, fmt.Errorf("%s: %w: %s", address, err, l.output.String())
			}
		}
	}
	l.took = time.Since(began)
	return l, nil
}

func (l *local) stop() {
	child.Terminate(l.cmd)
	select {
	case <-l.exited:
	case <-time.After(10 * time.Second):
		child.Kill(l.cmd)
		<-l.exited
	}
}

// freePorts gives a port that is free together with the next one.
func freePorts() (int, error) {
	for range 50 {
		a, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		port := a.Addr().(*net.TCPAddr).Port
		b, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port+1))
		a.Close()
		if err == nil {
			b.Close()
			return port, nil
		}
	}
	return 0, errors.New("no two neighbouring ports are free")
}

// call makes one request to the API and decodes the answer into out.
func (l *local) call(method, path, bearer string, in, out any, want int) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(method, l.origin+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != want {
		return fmt.Errorf("%s %s: %s %.300s", method, path, answer.Status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// site gives the key of a site of somebody's.
func (l *local) site(ctx context.Context) (key string, err error) {
	bearer, err := l.signIn(ctx)
	if err != nil {
		return "", err
	}
	var site struct{ Key string }
	err = l.call(
		"POST", "/v1/sites", bearer, map[string]any{"name": "Example", "origins": []string{pageOrigin, l.demo}}, &site, 201,
	)
	return site.Key, err
}

// signIn registers somebody through the front door and gives their session's token.
func (l *local) signIn(ctx context.Context) (bearer string, err error) {
	const email = "bench@example.com"
	if err := l.call(
		"POST", "/v1/register", "", map[string]string{"email": email, "name": "Bench", "company": "Example"}, nil, 202,
	); err != nil {
		return "", err
	}
	link, err := l.mailedToken(ctx, email)
	if err != nil {
		return "", err
	}
	var session struct{ Token string }
	err = l.call("POST", "/v1/verify", "", map[string]string{"token": link, "password": token.NewID()}, &session, 200)
	return session.Token, err
}

func (l *local) mailedToken(ctx context.Context, to string) (string, error) {
	for began := time.Now(); time.Since(began) < 20*time.Second && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		var mails []struct {
			To    string
			Links []string
		}
		if err := l.call("GET", "/_local/mail", "", nil, &mails, 200); err != nil {
			return "", err
		}
		for _, m := range mails {
			for _, link := range m.Links {
				if u, err := url.Parse(link); err == nil && strings.Contains(m.To, to) && u.Query().Get("token") != "" {
					return u.Query().Get("token"), nil
				}
			}
		}
	}
	return "", errors.New("no mail with a link came within 20 s")
}

// front measures how soon make dev serves, and how many beacons a second the whole way takes: front,
// Runtime API, function, database, all on this machine.
func (b *bench) front(ctx context.Context) error {
	build := exec.CommandContext(ctx, "make", "build")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("make build: %w: %.500s", err, out)
	}
	l, err := b.startLocal(ctx, 4, "make", "dev")
	if err != nil {
		return err
	}
	l.stop()
	b.table.add(row{
		"`make dev` from a warm cache to serving", fmt.Sprintf("%.1f s", l.took.Seconds()), "10 s",
		within(l.took <= 10*time.Second),
	})
	for _, instances := range []int{1, 4} {
		rate, err := b.beacons(ctx, instances)
		if err != nil {
			return err
		}
		b.table.add(row{
			fmt.Sprintf("Beacons a second through `make dev`'s front, at most %d instance(s) of `events`", instances),
			fmt.Sprintf("%.0f", rate), "", note,
		})
	}
	return nil
}

func (b *bench) beacons(ctx context.Context, instances int) (float64, error) {
	l, err := b.startLocal(ctx, instances, ".build/local")
	if err != nil {
		return 0, err
	}
	defer l.stop()
	key, err := l.site(ctx)
	if err != nil {
		return 0, err
	}
	const warm, count, side = 200, 3000, 16
	if _, err := l.load(ctx, key, warm, side); err != nil {
		return 0, err
	}
	took, err := l.load(ctx, key, count, side)
	return count / took.Seconds(), err
}

// load sends count beacons, each of a visit of its own, side of them at any time.
func (l *local) load(ctx context.Context, key string, count, side int) (time.Duration, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: side}}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	var group sync.WaitGroup
	failed := make(chan error, side)
	began := time.Now()
	for range side {
		group.Go(func() {
			for next.Add(1) <= int64(count) && ctx.Err() == nil {
				body := `{"site":"` + key + `","session":"` + token.NewID() +
					`","page":"/pricing","sent":900,"events":[{"type":"impression","t":400}]}`
				r, err := http.NewRequest("POST", l.origin+"/v1/events", strings.NewReader(body))
				if err == nil {
					r.Header = http.Header{
						"Content-Type": {"text/plain;charset=UTF-8"}, "Origin": {pageOrigin}, "User-Agent": {userAgent},
					}
					var answer *http.Response
					if answer, err = client.Do(r); err == nil {
						_, _ = io.Copy(io.Discard, answer.Body)
						answer.Body.Close()
						if answer.StatusCode != http.StatusAccepted {
							err = errors.New("a beacon was answered " + answer.Status)
						}
					}
				}
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(began)
	select {
	case err := <-failed:
		return 0, err
	default:
		return took, ctx.Err()
	}
}

package main

import (
	"context"
	"debug/elf"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/mi-telecom/mi-connect/infra/local/template"
)

//go:embed image/Dockerfile
var dockerfile []byte

const repository = "public.ecr.aws/lambda/provided"

// docker is an engine, which may be our own.
type docker struct {
	host   string // DOCKER_HOST of our own engine, "" for the machine's
	daemon *exec.Cmd
	exited chan struct{}
}

// openDocker takes the engine that answers, or starts one.
func openDocker(ctx context.Context, root, dir string) (*docker, error) {
	if _, err := exec.LookPath("docker"); err != nil {
		return nil, errors.New("docker is missing: the command is not on the PATH (Debian's package docker.io has it)")
	}
	d := &docker{}
	version, err := d.run(ctx, "version", "--format", "{{.Server.Version}}")
	if err == nil {
		fmt.Printf("Docker %s\n", strings.TrimSpace(version))
		return d, nil
	}
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("no Docker engine answers, and only root can start one: %w", err)
	}
	path, lookErr := exec.LookPath("dockerd")
	if lookErr != nil {
		return nil, fmt.Errorf(
			"no Docker engine answers, and dockerd is not installed (Debian's package docker.io has it): %w", err,
		)
	}
	// Everything it has is its own, so that it meets no other engine; its images stay for the next run.
	socket := filepath.Join(dir, "docker.sock")
	d.host = "unix://" + socket
	log, err := os.Create(filepath.Join(dir, "dockerd.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	d.daemon = exec.Command(path, "--host", d.host, "--pidfile", filepath.Join(dir, "docker.pid"), "--exec-root",
		filepath.Join(dir, "docker"),
		"--data-root", filepath.Join(root, ".tools/docker"))
	d.daemon.Stdout, d.daemon.Stderr = log, log
	d.daemon.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us: we end it
	if err := d.daemon.Start(); err != nil {
		return nil, fmt.Errorf("dockerd: %w", err)
	}
	d.exited = make(chan struct{})
	go func() { _ = d.daemon.Wait(); close(d.exited) }()
	for began := time.Now(); time.Since(began) < time.Minute && ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		if version, err = d.run(ctx, "version", "--format", "{{.Server.Version}}"); err == nil {
			fmt.Printf("Docker %s, started for this run (process %d)\n", strings.TrimSpace(version), d.daemon.Process.Pid)
			return d, nil
		}
		select {
		case <-d.exited:
			text, _ := os.ReadFile(log.Name())
			return nil, fmt.Errorf("no Docker engine answers, and dockerd does not run here: %s", text[max(0, len(text)-800):])
		default:
		}
	}
	d.close()
	return nil, fmt.Errorf("dockerd does not answer within a minute: %w", errors.Join(err, ctx.Err()))
}

// close ends the engine if it is ours.
func (d *docker) close() {
	if d.daemon == nil {
		return
	}
	_ = d.daemon.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.exited:
	case <-time.After(30 * time.Second):
		_ = d.daemon.Process.Kill()
		<-d.exited
	}
}

func (d *docker) env() []string {
	env := os.Environ()
	if d.host != "" {
		env = append(env, "DOCKER_HOST="+d.host)
	}
	return env
}

func (d *docker) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	// The classic builder needs neither the plug-in nor the network that the newer one wants.
	cmd.Env = append(d.env(), "DOCKER_BUILDKIT=0")
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("docker %s: %w: %s", args[0], err, strings.TrimSpace(string(exit.Stderr)))
	}
	return string(out), err
}

// baseImage makes sure of the image that functions run in: AWS's own, or a stand-in where it cannot be had.
func (d *docker) baseImage(ctx context.Context, dir string) error {
	tag := repository + ":al2023-" + template.Architecture()
	// SAM's images are made from the base image. One that was made from our stand-in (they inherit its label) would
	// continue after the real one could be had; others are not ours to remove.
	old, err := d.run(
		ctx, "images", "--quiet", "--filter", "reference="+repository+":al2023-rapid-*", "--filter",
		"label=mi-connect.stand-in=1",
	)
	if err != nil {
		return err
	}
	if ids := strings.Fields(old); len(ids) > 0 {
		if _, err := d.run(ctx, append([]string{"rmi", "--force"}, ids...)...); err != nil {
			return err
		}
	}
	if _, err := d.run(ctx, "image", "inspect", tag); err == nil {
		fmt.Printf("Base image %s\n", tag)
		return nil
	}
	pull, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	_, pullErr := d.run(pull, "pull", "--quiet", tag)
	if pullErr == nil {
		fmt.Printf("Base image %s, pulled\n", tag)
		return nil
	}
	if err := standIn(ctx, dir); err != nil {
		return fmt.Errorf("the base image can neither be pulled nor made: %w", errors.Join(pullErr, err))
	}
	if _, err := d.run(ctx, "build", "--quiet", "--tag", tag, filepath.Join(dir, "image")); err != nil {
		return err
	}
	fmt.Printf("Base image %s: a stand-in with busybox, since the registry cannot be reached\n", tag)
	return nil
}

// standIn lays out what the stand-in is built from.
func standIn(ctx context.Context, dir string) error {
	folder := filepath.Join(dir, "image")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil || !static(busybox) {
		get := exec.CommandContext(ctx, "sh", "-c", "apt-get download busybox-static && dpkg -x busybox-static_*.deb .")
		get.Dir = dir
		if out, err := get.CombinedOutput(); err != nil {
			return fmt.Errorf("a static busybox is missing (Debian's package busybox-static): %w: %s", err, out)
		}
		for _, place := range []string{"bin/busybox", "usr/bin/busybox"} {
			if static(filepath.Join(dir, place)) {
				busybox = filepath.Join(dir, place)
			}
		}
	}
	binary, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "busybox"), binary, 0o755),
		os.WriteFile(filepath.Join(folder, "Dockerfile"), dockerfile, 0o644),
	)
}

func static(path string) bool {
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return false
		}
	}
	return true
}

// gateway is where containers reach this machine: listen is the address to bind, name the one to call.
func (d *docker) gateway(ctx context.Context) (listen, name string, err error) {
	subnets, err := d.run(ctx, "network", "inspect", "bridge", "--format", "{{range .IPAM.Config}}{{.Subnet}} {{end}}")
	if err != nil {
		return "", "", err
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "", "", err
	}
	for subnet := range strings.FieldsSeq(subnets) {
		_, network, err := net.ParseCIDR(subnet)
		if err != nil {
			continue
		}
		for _, a := range addresses {
			if own, ok := a.(*net.IPNet); ok && network.Contains(own.IP) {
				return own.IP.String(), own.IP.String(), nil
			}
		}
	}
	// An engine in a virtual machine (Docker Desktop) names its host so.
	return "127.0.0.1", "host.docker.internal", nil
}

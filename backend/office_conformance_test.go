package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The sandbox's municipality keeps the contract for applications: it lists, verifies, returns, refuses, grants,
// answers, and does nothing twice, whatever answers get lost.
func TestTheSandboxConforms(t *testing.T) {
	dir := t.TempDir()
	sandbox := filepath.Join(dir, "sandbox")
	if out, err := exec.Command("go", "build", "-o", sandbox, "./sandbox").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	if out, err := exec.Command(sandbox, "init", "--out", dir).CombinedOutput(); err != nil {
		t.Fatalf("preparing: %v\n%s", err, out)
	}
	free := make([]string, 3)
	for i := range free {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		free[i] = l.Addr().String()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var log, out bytes.Buffer
	running := exec.Command(sandbox)
	running.Env = append(os.Environ(), "SANDBOX_STATE="+dir, "SANDBOX_ADDRESS="+free[0],
		"SANDBOX_SMTP_ADDRESS="+free[1], "SANDBOX_GATEWAY=https://"+free[2], "SANDBOX_PACE=100ms")
	running.Stderr = &log
	running.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := running.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = running.Process.Kill()
		_ = running.Wait()
	})
	trusted := t.TempDir()
	err := actAsOffice(t.Context(), []string{
		"--gateway", free[2], "--certificate", filepath.Join(dir, "gateway.pem"),
		"--key", filepath.Join(dir, "gateway.key"), "conformance", "--applications",
		"--client", filepath.Join(dir, "offices", "131105.pem"), "--authorities", trusted,
	}, func(string) string { return "" }, nil, &out)
	if err != nil {
		t.Errorf("%v\n%s\n%s", err, out.String(), log.String())
	}
	said := out.String()
	if !strings.Contains(said, "差し戻し") || !strings.Contains(said, "the client keeps the contract") {
		t.Error(said)
	}
	for _, name := range []string{"jpki.pem", "stamps.pem"} {
		if _, err := os.Stat(filepath.Join(trusted, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestConformanceOfApplicationsOfNobody(t *testing.T) {
	_, c, front, back := prepare(t)
	front.Close()
	back.Close()
	kit := func(words ...string) (string, error) {
		var out bytes.Buffer
		err := actAsOffice(t.Context(), append([]string{
			"--gateway", back.Addr().String(), "--certificate", c.gatewayCertificate, "--key", c.gatewayKey,
			"conformance", "--applications", "--within", "10ms",
		}, words...), func(string) string { return "" }, nil, &out)
		return out.String(), err
	}
	if said, err := kit("--client", c.gatewayCertificate); err == nil || !strings.Contains(said, "NEVER lists") {
		t.Errorf("%v: %s", err, said)
	}
	none := filepath.Join(t.TempDir(), "none")
	for _, words := range [][]string{{"--client", none}, {"--client", c.gatewayKey}, {"--authorities", none}} {
		if said, err := kit(words...); err == nil || strings.Contains(said, "NEVER") {
			t.Errorf("%v: %v, %s", words, err, said)
		}
	}
}

package clamd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/outside/clamd"
)

// eicar is the file that scanners are tried with, put together here so that none finds it in the source.
var eicar = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*")

// daemon starts Debian's clamd with one signature, ours, and gives where it listens.
func daemon(t *testing.T) (socket, port string) {
	t.Helper()
	program, libraries := find(t)
	// A socket's path is short.
	dir, err := os.MkdirTemp("", "clamd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket, port = filepath.Join(dir, "socket"), freePort(t)
	signature := "Test.EICAR:0:*:" + hex.EncodeToString([]byte("EICAR-STANDARD-"+"ANTIVIRUS-TEST-FILE")) + "\n"
	config := fmt.Sprintf("DatabaseDirectory %s\nLocalSocket %s\nTCPSocket %s\nTCPAddr 127.0.0.1\nForeground yes\n",
		dir, socket, port)
	for name, content := range map[string]string{"own.ndb": signature, "clamd.conf": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	var said bytes.Buffer
	command := exec.CommandContext(ctx, program, "-c", filepath.Join(dir, "clamd.conf"))
	command.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries)
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	t.Cleanup(func() { stop(); <-ended })
	for {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return socket, "127.0.0.1:" + port
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("clamd ended: %v\n%s", err, said.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// find looks for the program where Debian puts it, or `make setup`.
func find(t *testing.T) (program, libraries string) {
	t.Helper()
	if program, err := exec.LookPath("clamd"); err == nil {
		return program, ""
	}
	if _, err := os.Stat("/usr/sbin/clamd"); err == nil {
		return "/usr/sbin/clamd", ""
	}
	own, err := filepath.Abs("../../../build/clamd")
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(own + "/usr/lib/*/libclamav.so.*")
	if err != nil || len(found) == 0 {
		t.Fatal("there is no clamd: run `make setup`")
	}
	return own + "/usr/sbin/clamd", filepath.Dir(found[0])
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestADaemonLooksThroughFiles(t *testing.T) {
	socket, port := daemon(t)
	for _, where := range []string{socket, port} {
		s, err := clamd.New(where)
		if err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct {
			file []byte
			want bool
		}{
			"nothing":          {nil, false},
			"a file":           {[]byte("a file of a person"), false},
			"a large file":     {bytes.Repeat([]byte("x"), 5<<20), false},
			"malware":          {eicar, true},
			"malware far back": {append(bytes.Repeat([]byte("x"), 1<<20), eicar...), true},
		} {
			found, err := s.Scan(t.Context(), c.file)
			if err != nil || strings.Contains(found, "EICAR") != c.want || !c.want && found != "" {
				t.Errorf("%s by %s: %q, %v", what, where, found, err)
			}
		}
	}
}

// answering plays a daemon that says something, whatever it is sent.
func answering(t *testing.T, said string, listen bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if listen {
				drain(conn)
			}
			if _, err := io.WriteString(conn, said); err != nil {
				t.Error(err)
			}
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// drain reads what a daemon is sent.
func drain(conn net.Conn) {
	head := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, head); err != nil {
		return
	}
	for {
		var length [4]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil || length == [4]byte{} {
			return
		}
		if _, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(length[:]))); err != nil {
			return
		}
	}
}

// Whatever is not a clear answer means that nobody looked: never that nothing was found.
func TestWhatIsNoAnswer(t *testing.T) {
	for _, said := range []string{
		"", "\x00", "stream: ", "OK then", "INSTREAM size limit exceeded. ERROR\x00",
		"stream: Can't allocate memory ERROR\x00",
		" FOUND\x00", "stream:  FOUND", strings.Repeat("x", 5000),
	} {
		s, err := clamd.New(answering(t, said, true))
		if err != nil {
			t.Fatal(err)
		}
		if found, err := s.Scan(t.Context(), []byte("x")); err == nil {
			t.Errorf("%q counts as an answer: %q", said, found)
		}
	}
	s, err := clamd.New(freeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Scan(t.Context(), []byte("x")); err == nil {
		t.Error("nobody was there, and it went well")
	}
}

func freeAddress(t *testing.T) string { return "127.0.0.1:" + freePort(t) }

func TestAScanEndsWithItsCaller(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // who connects waits for an answer that never comes
	s, err := clamd.New(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Scan(ctx, []byte("x")); err == nil {
		t.Error("it went well")
	}
}

func TestWhereADaemonIs(t *testing.T) {
	for where, good := range map[string]bool{
		"127.0.0.1:3310": true, "[::1]:3310": true, "/run/clamav/clamd.ctl": true, "": false, "localhost": false,
		"clamd.ctl": false,
	} {
		if _, err := clamd.New(where); (err == nil) != good {
			t.Errorf("%q: %v", where, err)
		}
	}
}

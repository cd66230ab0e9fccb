package peer

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dialVariable makes the test binary a client that connects to the address in it and stays until it is told to end.
const dialVariable = "PEER_TEST_DIAL"

func TestMain(m *testing.M) {
	address := os.Getenv(dialVariable)
	if address == "" {
		os.Exit(m.Run())
	}
	conn, err := dial(address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
	fmt.Println("connected")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// dial connects; to [::ffff:127.0.0.1] by an IPv6 socket, which the net package would turn into an IPv4 one.
func dial(address string) (io.Closer, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Is4In6() {
		return net.Dial("tcp", address)
	}
	fd, err := syscall.Socket(syscall.AF_INET6, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), address)
	if err := syscall.Connect(fd, &syscall.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func TestAnotherUserIsRefused(t *testing.T) {
	if os.Getuid() != 0 {
		t.Fatal("only root can be two users: run these tests as root, or in a container")
	}
	// The binary that go test made lies in a folder of its own user's.
	program := copyOfThisProgram(t)
	for _, c := range []struct{ listen, network, dial string }{
		{"127.0.0.1:0", "tcp4", "127.0.0.1:%d"}, {"[::1]:0", "tcp6", "[::1]:%d"},
		{"127.0.0.1:0", "tcp4", "[::ffff:127.0.0.1]:%d"},
	} {
		l, err := net.Listen(c.network, c.listen)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		address := fmt.Sprintf(c.dial, l.Addr().(*net.TCPAddr).Port)
		for _, uid := range []uint32{0, 65534} {
			client := exec.Command(program)
			client.Env = []string{dialVariable + "=" + address}
			client.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: 65534}}
			client.Stderr = os.Stderr
			stdin, err := client.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := client.Start(); err != nil {
				t.Fatal(err)
			}
			conn, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			err = SameUser(addrPort(t, conn.LocalAddr()), addrPort(t, conn.RemoteAddr()))
			if (uid == 0) != (err == nil) || err != nil && !errors.Is(err, ErrAnotherUser) {
				t.Errorf("%s as user %d: %v", address, uid, err)
			}
			if uid != 0 && err != nil && !strings.Contains(err.Error(), "65534") {
				t.Errorf("it is not told whose it is: %v", err)
			}
			stdin.Close()
			if err := client.Wait(); err != nil {
				t.Error(err)
			}
			// Its end is closed: it belongs to nobody any more, which the kernel shows as root.
			closed(t, conn)
			if err := SameUser(addrPort(t, conn.LocalAddr()), addrPort(t, conn.RemoteAddr())); !errors.Is(err,
				ErrAnotherUser) {
				t.Errorf("%s, closed: %v", address, err)
			}
			conn.Close()
		}
	}
}

func closed(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}

func copyOfThisProgram(t *testing.T) string {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/var/tmp", "peer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := dir + "/peer.test"
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func addrPort(t *testing.T, a net.Addr) netip.AddrPort {
	t.Helper()
	p, err := netip.ParseAddrPort(a.String())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTablesOfTheKernel(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:A301 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 1 1 0000000000000000 100 0 0 10 0
   1: 0100007F:D431 0100007F:A301 06 00000000:00000000 03:00000ABC 00000000     0        0 0 3 0000000000000000
   2: 0100007F:D431 0100007F:A301 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:A301 0100007F:D431 01 00000000:00000000 00:00000000 00000000   100        0 3 1 0000000000000000 20 4 30 10 -1
`
	server, client := netip.MustParseAddrPort("127.0.0.1:41729"), netip.MustParseAddrPort("127.0.0.1:54321")
	if uid, found, err := find(strings.NewReader(table), client, server); uid != 1000 || !found || err != nil {
		t.Errorf("%d, %t, %v", uid, found, err)
	}
	if _, found, _ := find(strings.NewReader(table), netip.MustParseAddrPort("127.0.0.1:54322"), server); found {
		t.Error("another port is found")
	}
	if _, found, _ := find(strings.NewReader(table), netip.MustParseAddrPort("[::1]:54321"), server); found {
		t.Error("another address is found")
	}
	for written, want := range map[string]string{
		"0100007F:A301": "127.0.0.1:41729", "00000000000000000000000001000000:A301": "[::1]:41729",
		"0000000000000000FFFF00000100007F:A301": "127.0.0.1:41729",
	} {
		if got, err := parse(written); err != nil || got.String() != want {
			t.Errorf("%s is %s, %v", written, got, err)
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add(" 2: 0100007F:D431 0100007F:A301 01 00000000:00000000 00:00000000 00000000  1000        0 2 1")
	f.Add("0 : 1: 01 0 0 0 x")
	at := netip.MustParseAddrPort("127.0.0.1:41729")
	f.Fuzz(func(t *testing.T, table string) {
		_, found, _ := find(strings.NewReader(table), at, at)
		if found && !strings.Contains(strings.ToUpper(table), "100007F:A301") {
			t.Errorf("found in %q", table)
		}
	})
}

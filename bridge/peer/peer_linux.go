package peer

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// SameUser refuses a connection from remote to local unless the user who runs this process owns its other end. What the
// kernel does not tell is refused as well.
func SameUser(local, remote netip.AddrPort) error {
	uid, err := owner(local, remote)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnotherUser, err)
	}
	if uid != os.Getuid() {
		return fmt.Errorf("%w (%d)", ErrAnotherUser, uid)
	}
	return nil
}

// owner looks for the socket that the other end sees: its own address is our remote one. A program with an IPv6 socket
// reaches 127.0.0.1, too, and stands in the other table then.
func owner(local, remote netip.AddrPort) (int, error) {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if errors.Is(err, os.ErrNotExist) {
			continue // a kernel without IPv6
		}
		if err != nil {
			return 0, err
		}
		uid, found, err := find(f, remote, local)
		f.Close()
		if err != nil {
			return 0, fmt.Errorf("reading %s: %w", table, err)
		}
		if found {
			return uid, nil
		}
	}
	return 0, errors.New("the kernel does not know its socket")
}

// established is the state of a live connection. One that is closed already belongs to nobody and is shown as root's.
const established = "01"

// find reads a table of the kernel (proc_net_tcp(5)): sl, local_address, rem_address, st, tx:rx, tr:when, retrnsmt,
// uid.
func find(table io.Reader, from, to netip.AddrPort) (uid int, found bool, err error) {
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 8 || fields[3] != established || !same(fields[1], from) || !same(fields[2], to) {
			continue
		}
		uid, err := strconv.Atoi(fields[7])
		return uid, err == nil, err
	}
	return 0, false, lines.Err()
}

func same(field string, want netip.AddrPort) bool {
	got, err := parse(field)
	return err == nil && got == netip.AddrPortFrom(want.Addr().Unmap(), want.Port())
}

// parse reads ADDRESS:PORT in hexadecimal; the address is 32-bit words in the machine's byte order.
func parse(s string) (netip.AddrPort, error) {
	address, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for i := 0; i+4 <= len(b); i += 4 {
		binary.BigEndian.PutUint32(b[i:], binary.NativeEndian.Uint32(b[i:]))
	}
	ip, ok := netip.AddrFromSlice(b)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("an address of %d bytes", len(b))
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), nil
}

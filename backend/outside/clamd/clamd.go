// Package clamd has files looked through for malware by ClamAV's daemon, over INSTREAM: the daemon reads what it is
// sent, and needs no access to any file of ours.
package clamd

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	patience  = 20 * time.Second
	chunk     = 64 << 10
	maxAnswer = 1 << 10
)

// Scanner asks one daemon.
type Scanner struct{ network, address string }

// New reads where the daemon listens: host:port, or the absolute path of a socket.
func New(where string) (*Scanner, error) {
	if strings.HasPrefix(where, "/") {
		return &Scanner{"unix", where}, nil
	}
	if _, _, err := net.SplitHostPort(where); err != nil {
		return nil, fmt.Errorf("the malware scanner's address %q is neither host:port nor the path of a socket", where)
	}
	return &Scanner{"tcp", where}, nil
}

// Scan tells what was found in a file, "" for nothing. An error means that nobody looked.
func (s *Scanner) Scan(ctx context.Context, file []byte) (found string, err error) {
	found, err = s.ask(ctx, file)
	if err != nil {
		return "", fmt.Errorf("having a file looked through for malware: %w", err)
	}
	return found, nil
}

func (s *Scanner) ask(ctx context.Context, file []byte) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	// A daemon that has enough answers before it has read all, and closes: what it said counts more than that.
	sending := send(conn, file)
	answer, err := io.ReadAll(io.LimitReader(conn, maxAnswer))
	if said := string(bytes.TrimRight(answer, "\x00\n")); said != "" {
		return read(said)
	}
	return "", errors.Join(ctx.Err(), sending, err, errors.New("the scanner said nothing"))
}

func send(conn net.Conn, file []byte) error {
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return err
	}
	for len(file) > 0 {
		part := file[:min(chunk, len(file))]
		file = file[len(part):]
		if _, err := conn.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))); err != nil {
			return err
		}
		if _, err := conn.Write(part); err != nil {
			return err
		}
	}
	_, err := conn.Write(make([]byte, 4))
	return err
}

// read understands "stream: OK", "stream: Eicar FOUND" and "… ERROR".
func read(said string) (found string, err error) {
	what := strings.TrimPrefix(said, "stream: ")
	if what == "OK" {
		return "", nil
	}
	if found, is := strings.CutSuffix(what, " FOUND"); is && found != "" {
		return found, nil
	}
	return "", fmt.Errorf("the scanner said %q", said)
}

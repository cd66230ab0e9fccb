package softcard

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// The control messages of vpcd: payloads of one byte (vsmartcard, virtualsmartcard/src/vpcd/vpcd.h).
const (
	vpcdPowerOff = 0x00
	vpcdPowerOn  = 0x01
	vpcdReset    = 0x02
	vpcdATR      = 0x04
)

// ServeVPCD dials a slot of vpcd, which is to insert the card, and answers until ctx ends (no error) or vpcd hangs up.
func ServeVPCD(ctx context.Context, address string, card *Card) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("inserting the card: no vpcd listens on %s: %w", address, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer card.PowerOff()
	for {
		err := answerVPCD(ctx, conn, card)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("vpcd on %s hung up", address)
		}
		if err != nil {
			return fmt.Errorf("speaking to vpcd on %s: %w", address, err)
		}
	}
}

// answerVPCD handles one message: a length of two bytes, big-endian, and as many bytes.
func answerVPCD(ctx context.Context, conn net.Conn, card *Card) error {
	var length [2]byte
	if err := readQuick(conn, length[:]); err != nil {
		return err
	}
	message := make([]byte, binary.BigEndian.Uint16(length[:]))
	defer clear(message)
	if err := readQuick(conn, message); err != nil {
		return err
	}
	var answer []byte
	switch {
	case len(message) == 0:
		return nil
	case len(message) > 1:
		var err error
		if answer, err = card.Transmit(ctx, message); err != nil {
			return err
		}
	case message[0] == vpcdATR:
		answer = card.ATR()
	case message[0] == vpcdPowerOn:
		card.PowerOn()
		return nil
	case message[0] == vpcdPowerOff:
		card.PowerOff()
		return nil
	case message[0] == vpcdReset:
		card.Reset()
		return nil
	default:
		return fmt.Errorf("control message %02X is unknown", message[0])
	}
	_, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
	return err
}

// readQuick fills b. vpcd writes length and payload apart and does not switch Nagle off: unless our side acknowledges
// at once, each message waits 40 ms for a delayed acknowledgement.
func readQuick(conn net.Conn, b []byte) error {
	acknowledgeQuickly(conn)
	_, err := io.ReadFull(conn, b)
	return err
}

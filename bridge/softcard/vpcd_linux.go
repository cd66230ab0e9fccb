package softcard

import (
	"net"
	"syscall"
)

// acknowledgeQuickly must be asked again before each read: the kernel goes back to delayed acknowledgements by itself
// (tcp(7)). A refusal only costs time.
func acknowledgeQuickly(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}

package limit

import "net/http"

// HTTP2 is what one connection may hold: a hundred streams; 64 KiB of bodies that nobody has read yet, where the
// default is 1 MiB; and frames of 16 KiB, where the default is 1 MiB, for a frame's buffer is made when nine bytes have
// announced it.
func HTTP2() *http.HTTP2Config {
	return &http.HTTP2Config{
		MaxConcurrentStreams:          100,
		MaxReadFrameSize:              16 << 10,
		MaxReceiveBufferPerConnection: 64 << 10,
		MaxReceiveBufferPerStream:     64 << 10,
	}
}

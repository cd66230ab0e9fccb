package relay

import (
	"testing"
	"time"

	bridgev2 "madoguchi/proto/gen/bridge/v2"
)

// Who was too fast is heard again after a pause.
func TestWhoWasTooFastIsHeardAgain(t *testing.T) {
	h := open(t, func(c *Config) { c.FramesPerSecond, c.FramesAtOnce = 20, 3 })
	p := h.connect(t)
	nowhere := lookFrame(&bridgev2.Place{Reader: "none"})
	tooFast, heard := 0, 0
	for heard < 5 || tooFast == 0 {
		switch code := p.ask(nowhere).GetError().GetCode(); code {
		case bridgev2.ErrorCode_ERROR_CODE_TOO_FAST:
			tooFast++
			heard = 0
			time.Sleep(time.Millisecond) // patience is counted
		case bridgev2.ErrorCode_ERROR_CODE_NO_READER:
			heard++
			if tooFast == 0 {
				continue
			}
			time.Sleep(100 * time.Millisecond) // slower than the limit, so that it stays open
		default:
			t.Fatal(code)
		}
	}
}

package login

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// videoID is the element in which the camera's picture is shown.
const videoID = "qr-video"

// Why the camera shows nothing, each with its own words.
var (
	errNoCamera = errors.New("there is no camera that the page may use")
	errRefused  = errors.New("the person or the browser refused the camera")
	errDecoder  = errors.New("what decodes could not be loaded")
)

// scanner has the camera read a code.
type scanner struct {
	runs    bool
	failure lang.Text
	stop    context.CancelFunc
}

// begin asks for the camera and reads until it has found a code, which found gets.
func (s *scanner) begin(ctx app.Context, found func(ctx app.Context, said string)) {
	s.end()
	life, stop := context.WithCancel(ctx)
	s.runs, s.stop, s.failure = true, stop, lang.Text{}
	ctx.Async(func() {
		said, err := scanCode(life)
		ctx.Dispatch(func(ctx app.Context) {
			if life.Err() != nil {
				return
			}
			s.end()
			if err == nil {
				found(ctx, said)
				return
			}
			app.Log("scanning a code: ", err)
			switch {
			case errors.Is(err, errRefused):
				s.failure = textQrCameraRefused
			case errors.Is(err, errDecoder):
				s.failure = textQrCameraDecoder
			default:
				s.failure = textQrCameraNone
			}
		})
	})
}

// end gives the camera back.
func (s *scanner) end() {
	if s.stop != nil {
		s.stop()
	}
	s.runs, s.stop = false, nil
}

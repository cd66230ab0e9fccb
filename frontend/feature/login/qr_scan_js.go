package login

import (
	"context"
	"fmt"
	"strings"
	"syscall/js"
	"time"

	"madoguchi/frontend/reach/browser"
)

const (
	scanEvery = 150 * time.Millisecond
	scanWide  = 640 // what is decoded need not be sharper
)

// scanCode shows the camera's picture and gives what the first code in it says.
func scanCode(ctx context.Context) (string, error) {
	devices := js.Global().Get("navigator").Get("mediaDevices")
	if devices.IsUndefined() {
		return "", errNoCamera
	}
	stream, err := browser.Await(ctx, devices.Call("getUserMedia", map[string]any{
		"video": map[string]any{"facingMode": "environment"},
	}))
	if err != nil {
		if strings.Contains(err.Error(), "NotAllowed") {
			return "", fmt.Errorf("%w: %w", errRefused, err)
		}
		return "", fmt.Errorf("%w: %w", errNoCamera, err)
	}
	defer func() {
		tracks := stream.Call("getTracks")
		for i := range tracks.Length() {
			tracks.Index(i).Call("stop")
		}
	}()
	decode, err := decoder(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errDecoder, err)
	}
	video := js.Global().Get("document").Call("getElementById", videoID)
	if video.IsNull() {
		return "", errNoCamera
	}
	video.Set("srcObject", stream)
	if _, err := browser.Await(ctx, video.Call("play")); err != nil {
		return "", fmt.Errorf("%w: %w", errNoCamera, err)
	}
	for {
		if said, err := decode(video); err != nil || said != "" {
			return said, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(scanEvery):
		}
	}
}

// decoder is the browser's own, or jsQR where there is none.
func decoder(ctx context.Context) (func(video js.Value) (string, error), error) {
	if detector := js.Global().Get("BarcodeDetector"); !detector.IsUndefined() {
		formats, err := browser.Await(ctx, detector.Call("getSupportedFormats"))
		if err == nil && formats.Call("includes", "qr_code").Bool() {
			own := detector.New(map[string]any{"formats": []any{"qr_code"}})
			return func(video js.Value) (string, error) {
				codes, err := browser.Await(ctx, own.Call("detect", video))
				if err != nil || codes.Length() == 0 {
					return "", ctx.Err()
				}
				return codes.Index(0).Get("rawValue").String(), nil
			}, nil
		}
	}
	jsQR, err := browser.Await(ctx, js.Global().Call("madoguchiDecoder"))
	if err != nil {
		return nil, err
	}
	canvas := js.Global().Get("document").Call("createElement", "canvas")
	drawing := canvas.Call("getContext", "2d", map[string]any{"willReadFrequently": true})
	return func(video js.Value) (string, error) {
		width, height := video.Get("videoWidth").Int(), video.Get("videoHeight").Int()
		if width == 0 || height == 0 {
			return "", nil
		}
		if width > scanWide {
			width, height = scanWide, height*scanWide/width
		}
		canvas.Set("width", width)
		canvas.Set("height", height)
		drawing.Call("drawImage", video, 0, 0, width, height)
		code := jsQR.Invoke(drawing.Call("getImageData", 0, 0, width, height).Get("data"), width, height)
		if code.IsNull() {
			return "", nil
		}
		return code.Get("data").String(), nil
	}, nil
}

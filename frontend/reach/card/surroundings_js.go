package card

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"syscall/js"
	"time"

	"madoguchi/frontend/reach/browser"
)

// quietKnock bounds the second knock, which only tells a foreign program from none.
const quietKnock = 2 * time.Second

type here struct{}

func surroundings() Surroundings { return here{} }

// Addresses come from the page's <meta name="bridge">, which the portal fills with what its CSP allows.
func (here) Addresses() []string {
	meta := js.Global().Get("document").Call("querySelector", `meta[name="bridge"]`)
	if meta.IsNull() {
		return []string{defaultAddress}
	}
	return parseAddresses(meta.Call("getAttribute", "content").String())
}

// Permission asks for the two names that Chrome has given the rule; a page that itself comes from loopback is exempt
// from it.
func (here) Permission(ctx context.Context) Permission {
	if isLoopback(js.Global().Get("location").Get("hostname").String()) {
		return PermissionUnknown
	}
	permissions := js.Global().Get("navigator").Get("permissions")
	if !permissions.Truthy() {
		return PermissionUnknown
	}
	for _, name := range []string{"loopback-network", "local-network-access"} {
		status, err := browser.Await(ctx, permissions.Call("query", map[string]any{"name": name}))
		if err != nil {
			continue // this browser does not know the name
		}
		switch status.Get("state").String() {
		case "granted":
			return PermissionGranted
		case "denied":
			return PermissionDeniedByPerson
		case "prompt":
			return PermissionPrompt
		}
	}
	return PermissionUnknown
}

func (here) Knock(ctx context.Context, address string) Health {
	url := "http://" + address + "/health"
	options := map[string]any{"mode": "cors", "cache": "no-store", "credentials": "omit"}
	answer, err := browser.Await(ctx, js.Global().Call("fetch", url, options))
	if err == nil {
		if !answer.Get("ok").Bool() {
			return Foreign
		}
		body, err := browser.Await(ctx, answer.Call("arrayBuffer"))
		if err != nil {
			return Silent // gone while it spoke
		}
		return healthOf(browser.FromBytes(js.Global().Get("Uint8Array").New(body)))
	}
	quiet, cancel := context.WithTimeout(ctx, quietKnock)
	defer cancel()
	options["mode"] = "no-cors"
	if _, err := browser.Await(quiet, js.Global().Call("fetch", url, options)); err == nil {
		return Foreign
	}
	return Silent
}

func (here) Blocks() string {
	navigator := js.Global().Get("navigator")
	if navigator.Get("brave").Truthy() {
		return "brave"
	}
	agent := navigator.Get("userAgent").String()
	secure := js.Global().Get("location").Get("protocol").String() == "https:"
	if secure && strings.Contains(agent, "Safari/") && !strings.Contains(agent, "Chrome/") &&
		!strings.Contains(agent, "Chromium/") {
		return "safari"
	}
	return ""
}

// Handheld is what boot.js, which tells before this program runs, found of the device.
func (here) Handheld() bool {
	return js.Global().Get("document").Get("documentElement").Get("dataset").Get("handheld").Truthy()
}

func (here) Dial(ctx context.Context, address string) (Socket, error) {
	web := js.Global().Get("WebSocket").New("ws://"+address+path, subprotocol)
	web.Set("binaryType", "arraybuffer")
	s := &webSocket{web: web, news: make(chan struct{}, 1)}
	opened := make(chan struct{})
	s.on("onopen", func(js.Value) { close(opened) })
	s.on("onmessage", s.hear)
	s.on("onclose", func(js.Value) { s.end() })
	s.leave = js.FuncOf(func(js.Value, []js.Value) any {
		s.Close()
		return nil
	})
	js.Global().Call("addEventListener", "pagehide", s.leave)
	select {
	case <-opened:
		return s, nil
	case <-s.news:
		s.Close()
		return nil, errors.New("the WebSocket did not open")
	case <-ctx.Done():
		s.Close()
		return nil, ctx.Err()
	}
}

// webSocket queues what the browser delivers until Receive fetches it.
type webSocket struct {
	web   js.Value
	funcs []js.Func
	leave js.Func       // on pagehide: a page that the browser keeps for "back" must not keep a card
	news  chan struct{} // holds one token while the queue may have changed

	mu     sync.Mutex
	frames [][]byte
	ended  bool
}

func (s *webSocket) on(event string, do func(js.Value)) {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any {
		do(args[0])
		return nil
	})
	s.funcs = append(s.funcs, f)
	s.web.Set(event, f)
}

func (s *webSocket) hear(event js.Value) {
	data := event.Get("data")
	if data.Type() != js.TypeObject {
		s.end() // a text frame: not our protocol
		return
	}
	array := js.Global().Get("Uint8Array").New(data)
	if array.Get("length").Int() > maxReply {
		s.end()
		return
	}
	s.mu.Lock()
	s.frames = append(s.frames, browser.FromBytes(array))
	s.mu.Unlock()
	array.Call("fill", 0) // it may carry a derived key
	s.wake()
}

func (s *webSocket) end() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.wake()
}

func (s *webSocket) wake() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *webSocket) Send(frame []byte) error {
	s.mu.Lock()
	ended := s.ended
	s.mu.Unlock()
	if ended {
		return ErrBridgeGone
	}
	array := browser.Bytes(frame)
	s.web.Call("send", array)
	array.Call("fill", 0) // send has copied it; it may carry a PIN
	return nil
}

func (s *webSocket) Receive() ([]byte, error) {
	for {
		s.mu.Lock()
		if len(s.frames) > 0 {
			frame := s.frames[0]
			s.frames = s.frames[1:]
			s.mu.Unlock()
			return frame, nil
		}
		ended := s.ended
		s.mu.Unlock()
		if ended {
			return nil, ErrBridgeGone
		}
		<-s.news
	}
}

func (s *webSocket) Close() {
	s.mu.Lock()
	funcs := s.funcs
	s.funcs, s.ended = nil, true
	s.mu.Unlock()
	if funcs == nil {
		return
	}
	for _, event := range []string{"onopen", "onmessage", "onclose"} {
		s.web.Set(event, js.Null())
	}
	js.Global().Call("removeEventListener", "pagehide", s.leave)
	s.web.Call("close")
	for _, f := range funcs {
		f.Release()
	}
	s.leave.Release()
	s.wake()
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}

package rpc

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"syscall/js"

	"connectrpc.com/connect"

	"madoguchi/frontend/browser"
)

func transport() connect.HTTPClient { return fetchClient{} }

func origin() string { return js.Global().Get("location").Get("origin").String() }

// fetchClient sends requests through the browser's fetch. Request bodies are whole (unary and server streams are all there is);
// response bodies are streamed.
type fetchClient struct{}

// setByBrowser are headers that a page may not or need not set.
var setByBrowser = map[string]bool{
	"Accept-Encoding": true, "Connection": true, "Content-Length": true, "Host": true, "Te": true, "Trailer": true, "User-Agent": true,
}

// Do sends one request. The request's context cancels it, also while its body is read.
func (fetchClient) Do(request *http.Request) (*http.Response, error) {
	ctx := request.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	headers := js.Global().Get("Headers").New()
	for name, values := range request.Header {
		for _, value := range values {
			if !setByBrowser[name] {
				headers.Call("append", name, value)
			}
		}
	}
	abort := js.Global().Get("AbortController").New()
	stopWatching := context.AfterFunc(ctx, func() { abort.Call("abort") })
	answer, err := browser.Await(ctx, js.Global().Call("fetch", request.URL.String(), map[string]any{
		"method":      request.Method,
		"headers":     headers,
		"body":        browser.Bytes(body),
		"signal":      abort.Get("signal"),
		"credentials": "same-origin",
		"cache":       "no-store",
		"redirect":    "error",
	}))
	if err != nil {
		stopWatching()
		if cause := ctx.Err(); cause != nil {
			return nil, cause
		}
		return nil, fmt.Errorf("fetch: %w", err)
	}
	header := http.Header{}
	collect := js.FuncOf(func(_ js.Value, args []js.Value) any {
		header.Add(args[1].String(), args[0].String())
		return nil
	})
	answer.Get("headers").Call("forEach", collect)
	collect.Release()
	status := answer.Get("status").Int()
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", status, answer.Get("statusText").String()),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          &streamBody{ctx: ctx, abort: abort, stopWatching: stopWatching, reader: readerOf(answer)},
		ContentLength: -1,
		Request:       request,
	}, nil
}

func readerOf(answer js.Value) js.Value {
	if body := answer.Get("body"); body.Truthy() {
		return body.Call("getReader")
	}
	return js.Null()
}

// streamBody reads a ReadableStream. Read is for one goroutine at a time; Close may come from another.
type streamBody struct {
	ctx          context.Context
	abort        js.Value
	stopWatching func() bool
	reader       js.Value
	rest         []byte
	done         bool
	closeOnce    sync.Once
}

func (b *streamBody) Read(into []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.done || b.reader.IsNull() {
			return 0, io.EOF
		}
		chunk, err := browser.Await(b.ctx, b.reader.Call("read"))
		if err != nil {
			if cause := b.ctx.Err(); cause != nil {
				return 0, cause
			}
			return 0, fmt.Errorf("reading the answer: %w", err)
		}
		if chunk.Get("done").Bool() {
			b.done = true
			return 0, io.EOF
		}
		b.rest = browser.FromBytes(chunk.Get("value"))
	}
	n := copy(into, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *streamBody) Close() error {
	b.closeOnce.Do(func() {
		b.stopWatching()
		b.abort.Call("abort")
	})
	return nil
}

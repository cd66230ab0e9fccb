package rpc

import (
	"context"
	"fmt"
	"io"
	"sync"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

func transport() sender { return fetchSender{} }

func origin() string { return js.Global().Get("location").Get("origin").String() }

// fetchSender sends through the browser's fetch.
type fetchSender struct{}

func (fetchSender) send(ctx context.Context, address string, headers map[string]string, body []byte) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	fields := map[string]any{}
	for name, value := range headers {
		fields[name] = value
	}
	abort := js.Global().Get("AbortController").New()
	stopWatching := context.AfterFunc(ctx, func() { abort.Call("abort") })
	response, err := browser.Await(ctx, js.Global().Call("fetch", address, map[string]any{
		"method":      "POST",
		"headers":     fields,
		"body":        browser.Bytes(body),
		"signal":      abort.Get("signal"),
		"credentials": "same-origin",
		"cache":       "no-store",
		"redirect":    "error",
	}))
	if err != nil {
		stopWatching()
		return answer{}, fmt.Errorf("fetch: %w", err)
	}
	fieldsBack := response.Get("headers")
	return answer{
		status: response.Get("status").Int(),
		header: func(name string) string {
			if value := fieldsBack.Call("get", name); value.Type() == js.TypeString {
				return value.String()
			}
			return ""
		},
		body: &streamBody{ctx: ctx, abort: abort, stopWatching: stopWatching, reader: readerOf(response)},
	}, nil
}

func (fetchSender) compressions() string {
	if js.Global().Get("DecompressionStream").Truthy() {
		return "gzip"
	}
	return ""
}

func (fetchSender) inflate(ctx context.Context, data []byte) ([]byte, error) {
	packed := js.Global().Get("Response").New(browser.Bytes(data)).Get("body")
	unpacked := packed.Call("pipeThrough", js.Global().Get("DecompressionStream").New("gzip"))
	buffer, err := browser.Await(ctx, js.Global().Get("Response").New(unpacked).Call("arrayBuffer"))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if size := buffer.Get("byteLength").Int(); size > longest {
		return nil, fmt.Errorf("gzip: a message of %d bytes", size)
	}
	return browser.FromBytes(js.Global().Get("Uint8Array").New(buffer)), nil
}

func readerOf(response js.Value) js.Value {
	if body := response.Get("body"); body.Truthy() {
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

// takeSent reads the answer to a question from the document, as backend/door/web writes it, and removes it there: it is
// for the first view alone.
func takeSent(kind, question string) string {
	sent := js.Global().Get("document").Call("getElementById", "sent")
	if !sent.Truthy() {
		return ""
	}
	sent.Call("remove")
	data := sent.Get("dataset")
	if data.Get("kind").String() != kind || data.Get("question").String() != question {
		return ""
	}
	return data.Get("answer").String()
}

package vault

import (
	"context"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

// text is words as the browser has them, which searches them faster than this program could.
type text struct{ js.Value }

// textOf reads UTF-8.
func textOf(b blob, from, to int) text {
	decoder := js.Global().Get("TextDecoder").New()
	return text{js.Global().Get("Object").Invoke(decoder.Call("decode", b.Call("subarray", from, to)))}
}

func (t text) index(word string, from int) int { return t.Call("indexOf", word, from).Int() }

func (t text) slice(from, to int) string { return t.Call("substring", from, to).String() }

func blobSize(b blob) int { return b.Get("length").Int() }

func blobSlice(b blob, from, to int) []byte { return browser.FromBytes(b.Call("subarray", from, to)) }

// normal is how words are compared: full-width as half-width, large as small.
func normal(words string) string {
	object := js.Global().Get("Object").Invoke(words)
	return js.Global().Get("Object").Invoke(object.Call("normalize", "NFKC")).Call("toLowerCase").String()
}

// openAll opens many at once; nil for what does not open.
func (k key) openAll(ctx context.Context, rows []row) []*blob {
	promises := make([]any, len(rows))
	for i, r := range rows {
		size := r.data.Get("length").Int()
		cut := min(nonceSize, size)
		promises[i] = subtle().Call("decrypt", gcm(r.data.Call("subarray", 0, cut), r.bound()), k.Value,
			r.data.Call("subarray", cut))
	}
	plain := make([]*blob, len(rows))
	settled, err := browser.Await(ctx, js.Global().Get("Promise").Call("allSettled", promises))
	if err != nil {
		return plain
	}
	for i := range plain {
		if one := settled.Index(i); one.Get("status").String() == "fulfilled" {
			array := js.Global().Get("Uint8Array").New(one.Get("value"))
			plain[i] = &array
		}
	}
	return plain
}

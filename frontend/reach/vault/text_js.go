package vault

import (
	"context"
	"syscall/js"

	"madoguchi/frontend/reach/browser"
)

// normal is how words are compared: full-width as half-width, large as small.
func normal(words string) string {
	object := js.Global().Get("Object").Invoke(words)
	return js.Global().Get("Object").Invoke(object.Call("normalize", "NFKC")).Call("toLowerCase").String()
}

// openAll opens many at once; nil for what does not open, and for what is not there.
func (k key) openAll(ctx context.Context, rows []row) []*blob {
	promises := make([]any, len(rows))
	for i, r := range rows {
		if !r.data.Truthy() {
			promises[i] = js.Global().Get("Promise").Call("reject")
			continue
		}
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

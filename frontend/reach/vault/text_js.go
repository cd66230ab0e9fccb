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
	o := newOpener(k)
	for i, r := range rows {
		promises[i] = o.open(r.data, r.bound())
	}
	plain := make([]*blob, len(rows))
	settled, err := browser.Await(ctx, js.Global().Get("Promise").Call("allSettled", promises))
	if err != nil {
		return plain
	}
	array := js.Global().Get("Uint8Array")
	for i := range plain {
		if value := settled.Index(i).Get("value"); value.Truthy() {
			bytes := array.New(value)
			plain[i] = &bytes
		}
	}
	return plain
}

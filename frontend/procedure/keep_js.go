package procedure

import (
	"context"
	"errors"
	"syscall/js"
	"time"

	"madoguchi/frontend/browser"
)

// What is kept lies in IndexedDB, two records a place: {code, name, at (milliseconds)} to list what there is, and {code, at, data}.
const (
	keptDatabase = "procedures"
	keptVersion  = 2
	keptHeads    = "places"
	keptContents = "contents"
)

// request makes a promise of an IDBRequest and waits for it.
func request(ctx context.Context, r js.Value) (js.Value, error) {
	var executor js.Func
	executor = js.FuncOf(func(_ js.Value, args []js.Value) any {
		resolve, reject := args[0], args[1]
		var success, failure js.Func
		success = js.FuncOf(func(js.Value, []js.Value) any {
			success.Release()
			failure.Release()
			resolve.Invoke(r.Get("result"))
			return nil
		})
		failure = js.FuncOf(func(js.Value, []js.Value) any {
			success.Release()
			failure.Release()
			reject.Invoke(r.Get("error"))
			return nil
		})
		r.Set("onsuccess", success)
		r.Set("onerror", failure)
		return nil
	})
	defer executor.Release()
	return browser.Await(ctx, js.Global().Get("Promise").New(executor))
}

// begin opens the database for one transaction, which ends it again.
func begin(ctx context.Context, mode string) (transaction js.Value, err error) {
	defer func() {
		if r := recover(); r != nil { // a browser told to keep nothing throws
			err = errors.New("this browser keeps nothing")
		}
	}()
	open := global("indexedDB").Call("open", keptDatabase, keptVersion)
	upgrade := js.FuncOf(func(js.Value, []js.Value) any {
		database := open.Get("result")
		for _, name := range []string{keptHeads, keptContents} {
			if database.Get("objectStoreNames").Call("contains", name).Bool() { // of an earlier version
				database.Call("deleteObjectStore", name)
			}
			database.Call("createObjectStore", name, map[string]any{"keyPath": "code"})
		}
		return nil
	})
	defer upgrade.Release()
	open.Set("onupgradeneeded", upgrade)
	database, err := request(ctx, open)
	if err != nil {
		return js.Undefined(), err
	}
	defer database.Call("close") // waits for the transaction
	return database.Call("transaction", []any{keptHeads, keptContents}, mode), nil
}

// global names a property of the window by a call, since only what a call throws can be recovered from.
func global(name string) js.Value { return js.Global().Get("Reflect").Call("get", js.Global(), name) }

func storedHeads(ctx context.Context) ([]keptHead, error) {
	transaction, err := begin(ctx, "readonly")
	if err != nil {
		return nil, err
	}
	all, err := request(ctx, transaction.Call("objectStore", keptHeads).Call("getAll"))
	if err != nil {
		return nil, err
	}
	var heads []keptHead
	for i := range all.Length() {
		record := all.Index(i)
		heads = append(heads, keptHead{record.Get("code").String(), record.Get("name").String(), time.UnixMilli(int64(record.Get("at").Float()))})
	}
	return heads, nil
}

func stored(ctx context.Context, code string) (time.Time, []byte, error) {
	transaction, err := begin(ctx, "readonly")
	if err != nil {
		return time.Time{}, nil, err
	}
	record, err := request(ctx, transaction.Call("objectStore", keptContents).Call("get", code))
	if err != nil || !record.Truthy() {
		return time.Time{}, nil, err
	}
	return time.UnixMilli(int64(record.Get("at").Float())), browser.FromBytes(record.Get("data")), nil
}

func store(ctx context.Context, head keptHead, data []byte) error {
	transaction, err := begin(ctx, "readwrite")
	if err != nil {
		return err
	}
	at := float64(head.At.UnixMilli())
	transaction.Call("objectStore", keptHeads).Call("put", map[string]any{"code": head.Code, "name": head.Name, "at": at})
	// When the first fails, the transaction ends, and with it the second.
	_, err = request(ctx, transaction.Call("objectStore", keptContents).Call("put", map[string]any{"code": head.Code, "at": at, "data": browser.Bytes(data)}))
	return err
}

func remove(ctx context.Context, code string) error {
	transaction, err := begin(ctx, "readwrite")
	if err != nil {
		return err
	}
	transaction.Call("objectStore", keptHeads).Call("delete", code)
	_, err = request(ctx, transaction.Call("objectStore", keptContents).Call("delete", code))
	return err
}

// sparing says that the person asked the browser to transfer as little as possible.
func sparing() bool {
	connection := js.Global().Get("navigator").Get("connection")
	return connection.Truthy() && connection.Get("saveData").Truthy()
}

// awaitIdle waits until the browser has nothing else to do, some seconds at most. A browser that cannot tell does not wait.
func awaitIdle(ctx context.Context) {
	if !js.Global().Get("requestIdleCallback").Truthy() {
		return
	}
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		js.Global().Call("requestIdleCallback", args[0], map[string]any{"timeout": 4000})
		return nil
	})
	defer executor.Release()
	if _, err := browser.Await(ctx, js.Global().Get("Promise").New(executor)); err != nil {
		return // given up
	}
}

// compatible is NFKC: half-width kana and full-width letters become the usual ones.
func compatible(s string) string {
	return js.Global().Get("String").Get("prototype").Get("normalize").Call("call", s, "NFKC").String()
}

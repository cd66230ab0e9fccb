package procedure

import (
	"context"
	"errors"
	"syscall/js"
	"time"

	"madoguchi/frontend/browser"
)

// What is kept lies in IndexedDB, a record a place: {code, name, at (milliseconds), data (Uint8Array)}.
const (
	keptDatabase = "procedures"
	keptStore    = "places"
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

// places opens the store for one transaction.
func places(ctx context.Context, mode string) (store js.Value, err error) {
	defer func() {
		if r := recover(); r != nil { // a browser told to keep nothing throws
			err = errors.New("this browser keeps nothing")
		}
	}()
	factory := js.Global().Get("Reflect").Call("get", js.Global(), "indexedDB")
	open := factory.Call("open", keptDatabase, 1)
	upgrade := js.FuncOf(func(js.Value, []js.Value) any {
		open.Get("result").Call("createObjectStore", keptStore, map[string]any{"keyPath": "code"})
		return nil
	})
	defer upgrade.Release()
	open.Set("onupgradeneeded", upgrade)
	database, err := request(ctx, open)
	if err != nil {
		return js.Undefined(), err
	}
	return database.Call("transaction", keptStore, mode).Call("objectStore", keptStore), nil
}

func storedHeads(ctx context.Context) ([]keptHead, error) {
	s, err := places(ctx, "readonly")
	if err != nil {
		return nil, err
	}
	all, err := request(ctx, s.Call("getAll"))
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
	s, err := places(ctx, "readonly")
	if err != nil {
		return time.Time{}, nil, err
	}
	record, err := request(ctx, s.Call("get", code))
	if err != nil || !record.Truthy() {
		return time.Time{}, nil, err
	}
	return time.UnixMilli(int64(record.Get("at").Float())), browser.FromBytes(record.Get("data")), nil
}

func store(ctx context.Context, head keptHead, data []byte) error {
	s, err := places(ctx, "readwrite")
	if err != nil {
		return err
	}
	_, err = request(ctx, s.Call("put", map[string]any{"code": head.Code, "name": head.Name, "at": float64(head.At.UnixMilli()), "data": browser.Bytes(data)}))
	return err
}

func remove(ctx context.Context, code string) error {
	s, err := places(ctx, "readwrite")
	if err != nil {
		return err
	}
	_, err = request(ctx, s.Call("delete", code))
	return err
}

// compatible is NFKC: half-width kana and full-width letters become the usual ones.
func compatible(s string) string { return js.Global().Get("String").Get("prototype").Get("normalize").Call("call", s, "NFKC").String() }

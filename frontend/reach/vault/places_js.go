package vault

import (
	"context"
	"errors"
	"syscall/js"
	"time"

	"madoguchi/frontend/reach/browser"
)

// Places lie in IndexedDB, two records each: {code, name, at (milliseconds)} to list what there is, and {code, at,
// data}.
const (
	placesDatabase = "procedures"
	placesVersion  = 2
	placesHeads    = "places"
	placesContents = "contents"
)

// await makes a promise of an IDBRequest and waits for it.
func await(ctx context.Context, r js.Value) (js.Value, error) {
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

// beginPlaces opens the database for one transaction, which ends it again.
func beginPlaces(ctx context.Context, mode string) (transaction js.Value, err error) {
	defer func() {
		if r := recover(); r != nil { // a browser told to keep nothing throws
			err = errors.New("this browser keeps nothing")
		}
	}()
	open := global("indexedDB").Call("open", placesDatabase, placesVersion)
	upgrade := js.FuncOf(func(js.Value, []js.Value) any {
		database := open.Get("result")
		for _, name := range []string{placesHeads, placesContents} {
			if database.Get("objectStoreNames").Call("contains", name).Bool() { // of an earlier version
				database.Call("deleteObjectStore", name)
			}
			database.Call("createObjectStore", name, map[string]any{"keyPath": "code"})
		}
		return nil
	})
	defer upgrade.Release()
	open.Set("onupgradeneeded", upgrade)
	database, err := await(ctx, open)
	if err != nil {
		return js.Undefined(), err
	}
	defer database.Call("close") // waits for the transaction
	return database.Call("transaction", []any{placesHeads, placesContents}, mode), nil
}

// global names a property of the window by a call, since only what a call throws can be recovered from.
func global(name string) js.Value { return js.Global().Get("Reflect").Call("get", js.Global(), name) }

// KeptPlaces lists the places that the device keeps.
func KeptPlaces(ctx context.Context) ([]PlaceHead, error) {
	transaction, err := beginPlaces(ctx, "readonly")
	if err != nil {
		return nil, err
	}
	all, err := await(ctx, transaction.Call("objectStore", placesHeads).Call("getAll"))
	if err != nil {
		return nil, err
	}
	var heads []PlaceHead
	for i := range all.Length() {
		record := all.Index(i)
		heads = append(heads, PlaceHead{
			record.Get("code").String(), record.Get("name").String(), time.UnixMilli(int64(record.Get("at").Float())),
		})
	}
	return heads, nil
}

// KeptPlace reads what is kept of a place, and since when; nothing when there is none.
func KeptPlace(ctx context.Context, code string) (time.Time, []byte, error) {
	transaction, err := beginPlaces(ctx, "readonly")
	if err != nil {
		return time.Time{}, nil, err
	}
	record, err := await(ctx, transaction.Call("objectStore", placesContents).Call("get", code))
	if err != nil || !record.Truthy() {
		return time.Time{}, nil, err
	}
	return time.UnixMilli(int64(record.Get("at").Float())), browser.FromBytes(record.Get("data")), nil
}

// KeepPlace keeps data of a place, instead of what was there.
func KeepPlace(ctx context.Context, head PlaceHead, data []byte) error {
	transaction, err := beginPlaces(ctx, "readwrite")
	if err != nil {
		return err
	}
	at := float64(head.At.UnixMilli())
	transaction.Call("objectStore", placesHeads).Call("put", map[string]any{
		"code": head.Code, "name": head.Name, "at": at,
	})
	// When the first fails, the transaction ends, and with it the second.
	_, err = await(ctx, transaction.Call("objectStore", placesContents).Call(
		"put", map[string]any{"code": head.Code, "at": at, "data": browser.Bytes(data)},
	))
	return err
}

// ForgetPlace forgets what is kept of a place.
func ForgetPlace(ctx context.Context, code string) error {
	transaction, err := beginPlaces(ctx, "readwrite")
	if err != nil {
		return err
	}
	transaction.Call("objectStore", placesHeads).Call("delete", code)
	_, err = await(ctx, transaction.Call("objectStore", placesContents).Call("delete", code))
	return err
}

// forgetPlaces forgets all of them.
func forgetPlaces(ctx context.Context) error {
	transaction, err := beginPlaces(ctx, "readwrite")
	if err != nil {
		return err
	}
	transaction.Call("objectStore", placesHeads).Call("clear")
	_, err = await(ctx, transaction.Call("objectStore", placesContents).Call("clear"))
	return err
}

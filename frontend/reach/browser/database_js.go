package browser

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall/js"
)

// Database is one of the browser's (IndexedDB). It opens itself when it is first used, and again after the browser has
// closed it. Nothing in it is ordered but by key, and keys are strings or lists of strings.
type Database struct {
	Name    string
	Version int
	// Stores are made where they are missing; those with other names go.
	Stores []string

	mu   sync.Mutex
	open js.Value
}

// Global names a property of the window by a call, since only what a call throws can be recovered from.
func Global(name string) js.Value { return js.Global().Get("Reflect").Call("get", js.Global(), name) }

// Offered is Global, and null where the browser refuses to give it: one that is told to keep nothing throws already
// when its stores are named.
func Offered(name string) (value js.Value) {
	defer func() {
		if recover() != nil {
			value = js.Null()
		}
	}()
	return Global(name)
}

// Durably is the mode of a transaction that is done once it outlives a power cut: "readwrite" may be before that.
const Durably = "strict"

// Begin begins a transaction over some stores, "readonly", "readwrite" or Durably. It ends by itself once nothing is
// asked of it any more: what is waited for in between must be its own.
func (d *Database) Begin(ctx context.Context, mode string, stores ...string) (t Transaction, err error) {
	for again := true; ; again = false {
		database, err := d.opened(ctx)
		if err != nil {
			return Transaction{}, err
		}
		t, err := begin(database, mode, stores)
		if err == nil || !again {
			return t, err
		}
		d.drop(database) // the browser closed it
	}
}

func begin(database js.Value, mode string, stores []string) (t Transaction, err error) {
	defer caught(&err)
	names := make([]any, len(stores))
	for i, name := range stores {
		names[i] = name
	}
	durability := "default"
	if mode == Durably {
		mode, durability = "readwrite", mode
	}
	return Transaction{database.Call("transaction", names, mode, map[string]any{"durability": durability})}, nil
}

func (d *Database) opened(ctx context.Context) (_ js.Value, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open.Truthy() {
		return d.open, nil
	}
	defer caught(&err)
	request := Global("indexedDB").Call("open", d.Name, d.Version)
	upgrade := js.FuncOf(func(js.Value, []js.Value) any {
		d.shape(request.Get("result"))
		return nil
	})
	request.Set("onupgradeneeded", upgrade)
	database, err := wait(ctx, request, "onsuccess", []string{"onerror", "onblocked"}, func() js.Value {
		return request.Get("result")
	})
	if err != nil {
		// Or a page of an earlier edition, in another tab, does not let go of it: it is not waited for. It is shaped all
		// the same once it is there: nobody shapes it later.
		request.Set("onsuccess", js.FuncOf(func(js.Value, []js.Value) any {
			request.Get("result").Call("close")
			return nil
		}))
		return js.Undefined(), fmt.Errorf("%w: %w", ErrNoDatabase, err)
	}
	upgrade.Release()
	// A page of a later edition, in another tab, must not wait for this one.
	database.Set("onversionchange", js.FuncOf(func(js.Value, []js.Value) any {
		go d.drop(database)
		return nil
	}))
	d.open = database
	return database, nil
}

// shape makes the stores, within an upgrade.
func (d *Database) shape(database js.Value) {
	there := database.Get("objectStoreNames")
	wanted := map[string]bool{}
	for _, name := range d.Stores {
		wanted[name] = true
		if !there.Call("contains", name).Bool() {
			database.Call("createObjectStore", name)
		}
	}
	var gone []string
	for i := range there.Length() {
		if name := there.Index(i).String(); !wanted[name] {
			gone = append(gone, name)
		}
	}
	for _, name := range gone {
		database.Call("deleteObjectStore", name)
	}
}

func (d *Database) drop(database js.Value) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open.Equal(database) {
		database.Call("close")
		d.open = js.Undefined()
	}
}

// Close lets go of it, until it is used again.
func (d *Database) Close() {
	d.mu.Lock()
	open := d.open
	d.mu.Unlock()
	if open.Truthy() {
		d.drop(open)
	}
}

// DropDatabase removes a whole database.
func DropDatabase(ctx context.Context, name string) (err error) {
	defer caught(&err)
	_, err = settle(ctx, Global("indexedDB").Call("deleteDatabase", name))
	return err
}

// Transaction is one that was begun.
type Transaction struct{ of js.Value }

// Get waits for what lies under a key; undefined when nothing does.
func (t Transaction) Get(ctx context.Context, store string, key any) (js.Value, error) {
	return t.ask(ctx, store, "get", key)
}

// Gets waits for what lies under keys, undefined where nothing does; and last for everything whose key is a list that
// begins so, if a beginning is given. There is a key or a beginning.
func (t Transaction) Gets(
	ctx context.Context, store string, keys []any, begins ...string,
) (values []js.Value, err error) {
	defer caught(&err)
	of := t.of.Call("objectStore", store)
	for _, key := range keys {
		values = append(values, of.Call("get", key))
	}
	if len(begins) > 0 {
		values = append(values, of.Call("getAll", within(begins)))
	}
	if _, err := settle(ctx, values[len(values)-1]); err != nil { // the others come before
		return nil, err
	}
	for i, request := range values {
		values[i] = request.Get("result")
	}
	return values, nil
}

// Abort ends it, and nothing was done.
func (t Transaction) Abort() (err error) {
	defer caught(&err)
	t.of.Call("abort")
	return nil
}

// Under waits for everything whose key is a list that begins so, in the order of the keys.
func (t Transaction) Under(ctx context.Context, store string, begins ...string) (js.Value, error) {
	return t.ask(ctx, store, "getAll", within(begins))
}

// All waits for everything in a store.
func (t Transaction) All(ctx context.Context, store string) (js.Value, error) {
	return t.ask(ctx, store, "getAll")
}

// Keys waits for the keys of everything in a store.
func (t Transaction) Keys(ctx context.Context, store string) (js.Value, error) {
	return t.ask(ctx, store, "getAllKeys")
}

// Put lays something under a key. That it lies there says Done.
func (t Transaction) Put(store string, key any, value map[string]any) (err error) {
	defer caught(&err)
	t.of.Call("objectStore", store).Call("put", value, key)
	return nil
}

// Delete takes away what lies under a key.
func (t Transaction) Delete(store string, key any) (err error) {
	defer caught(&err)
	t.of.Call("objectStore", store).Call("delete", key)
	return nil
}

// DeleteUnder takes away everything whose key is a list that begins so.
func (t Transaction) DeleteUnder(store string, begins ...string) (err error) {
	defer caught(&err)
	t.of.Call("objectStore", store).Call("delete", within(begins))
	return nil
}

// Done waits until all of it is kept, or nothing of it.
func (t Transaction) Done(ctx context.Context) error {
	_, err := wait(ctx, t.of, "oncomplete", []string{"onabort", "onerror"}, func() js.Value { return js.Undefined() })
	return err
}

func (t Transaction) ask(ctx context.Context, store, what string, of ...any) (_ js.Value, err error) {
	defer caught(&err)
	return settle(ctx, t.of.Call("objectStore", store).Call(what, of...))
}

// within is the range of the keys that begin so: a list comes after every string.
func within(begins []string) js.Value {
	from, to := make([]any, len(begins)), make([]any, len(begins), len(begins)+1)
	for i, b := range begins {
		from[i], to[i] = b, b
	}
	return Global("IDBKeyRange").Call("bound", from, append(to, []any{}))
}

// settle waits for an IDBRequest.
func settle(ctx context.Context, request js.Value) (js.Value, error) {
	return wait(ctx, request, "onsuccess", []string{"onerror"}, func() js.Value { return request.Get("result") })
}

func wait(
	ctx context.Context, of js.Value, good string, bad []string, result func() js.Value,
) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	settled := make(chan outcome, 1)
	var succeeded, failed js.Func
	end := func(o outcome) {
		select {
		case settled <- o:
			succeeded.Release()
			failed.Release()
			of.Set(good, js.Null())
			for _, name := range bad {
				of.Set(name, js.Null())
			}
		default:
		}
	}
	succeeded = js.FuncOf(func(js.Value, []js.Value) any {
		end(outcome{value: result()})
		return nil
	})
	failed = js.FuncOf(func(js.Value, []js.Value) any {
		end(outcome{err: failure(of)})
		return nil
	})
	of.Set(good, succeeded)
	for _, name := range bad {
		of.Set(name, failed)
	}
	select {
	case o := <-settled:
		return o.value, o.err
	case <-ctx.Done():
		return js.Undefined(), ctx.Err()
	}
}

// failure is why a request or a transaction failed; it has no error while it waits for another tab.
func failure(of js.Value) (err error) {
	defer caught(&err)
	return fault(js.Global().Get("Reflect").Call("get", of, "error")) // only what a call throws is caught
}

// fault is an error of the browser's.
func fault(e js.Value) error {
	if !e.Truthy() {
		return errors.New("the browser gave up")
	}
	if e.Get("name").String() == "QuotaExceededError" {
		return ErrFull
	}
	return errors.New(js.Global().Get("String").Invoke(e).String())
}

// caught makes an error of what the browser threw.
func caught(err *error) {
	switch r := recover().(type) {
	case nil:
	case js.Error:
		*err = fault(r.Value)
	default:
		*err = ErrNoDatabase // what is not there cannot be called
	}
}

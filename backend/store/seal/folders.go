package seal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Folders gives the keys of folders. It is safe for concurrent use.
type Folders struct {
	store    Store
	wrapping Wrapping
	now      func() time.Time

	mu         sync.Mutex
	young, old map[string]*Key // what was asked for lately, and before that
	turned     time.Time
}

const (
	// So many keys are held open, twice: those asked for lately, and those before them.
	heldOpen = 4096
	// A key that nobody asks for is forgotten within twice this.
	heldFor = 5 * time.Minute
)

// New gives the keys that a store keeps.
func New(store Store, wrapping Wrapping, now func() time.Time) *Folders {
	return &Folders{store: store, wrapping: wrapping, now: now, young: map[string]*Key{}, turned: now()}
}

// Store is what keeps the keys.
func (f *Folders) Store() Store { return f.store }

// Close closes the store.
func (f *Folders) Close() error { return f.store.Close() }

// Key gives the key of a folder; ErrNoKey when there is none.
func (f *Folders) Key(ctx context.Context, folder string) (*Key, error) {
	if key := f.held(folder); key != nil {
		return key, nil
	}
	wrapped, err := f.store.Get(ctx, folder)
	if err != nil {
		return nil, fmt.Errorf("asking for the key of a folder: %w", err)
	}
	key, err := f.unwrap(wrapped)
	if err != nil {
		return nil, err
	}
	f.hold(folder, key)
	return key, nil
}

// Make gives the key of a folder, which is made when there is none. Only who knows that nothing was sealed for the
// folder yet may call it.
func (f *Folders) Make(ctx context.Context, folder string) (*Key, error) {
	key, err := f.Key(ctx, folder)
	if !errors.Is(err, ErrNoKey) {
		return key, err
	}
	if err := f.MakeAll(ctx, []string{folder}); err != nil {
		return nil, err
	}
	return f.Key(ctx, folder) // also when somebody else made one meanwhile
}

// MakeAll makes the keys of folders that have none, all at once. What is said of Make holds.
func (f *Folders) MakeAll(ctx context.Context, folders []string) error {
	made := make([]Wrapped, 0, len(folders))
	for _, folder := range folders {
		_, bytes, err := newKey()
		if err != nil {
			return err
		}
		wrapped, err := f.wrap(folder, bytes)
		if err != nil {
			return err
		}
		wrapped.Made = f.now().UnixMilli()
		made = append(made, wrapped)
	}
	if err := f.store.Add(ctx, made...); err != nil {
		return fmt.Errorf("keeping the keys of folders: %w", err)
	}
	return nil
}

// Destroy destroys the key of a folder: nothing that was sealed for it opens any more.
func (f *Folders) Destroy(ctx context.Context, folder string) error {
	if err := f.store.Remove(ctx, folder); err != nil {
		return fmt.Errorf("destroying the key of a folder: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.young, folder)
	delete(f.old, folder)
	return nil
}

const rewrappedAtOnce = 500

// Rewrap wraps every key that another key wraps by that of now, and says how many there were. Nothing that is sealed
// changes, and everybody else goes on meanwhile.
func (f *Folders) Rewrap(ctx context.Context) (count int, err error) {
	by := f.wrapping.Wraps()
	for {
		others, err := f.store.NotBy(ctx, by, rewrappedAtOnce)
		if err != nil {
			return count, fmt.Errorf("looking for keys to be wrapped anew: %w", err)
		}
		if len(others) == 0 {
			return count, nil
		}
		for _, before := range others {
			bytes, err := f.wrapping.Unwrap(before.By, before.Key, boundKey(before.Folder))
			if err != nil {
				return count, fmt.Errorf("unwrapping the key of a folder: %w", err)
			}
			after, err := f.wrap(before.Folder, bytes)
			if err != nil {
				return count, err
			}
			if after.By == before.By {
				return count, nil // the key file changed meanwhile: the next time
			}
			after.Made = before.Made
			if err := f.store.Replace(ctx, before, after); err != nil {
				return count, fmt.Errorf("wrapping the key of a folder anew: %w", err)
			}
			count++
		}
	}
}

func boundKey(folder string) []byte { return frame("madoguchi folder key 1\x00", folder) }

func (f *Folders) wrap(folder string, bytes []byte) (Wrapped, error) {
	by, wrapped, err := f.wrapping.Wrap(bytes, boundKey(folder))
	if err != nil {
		return Wrapped{}, fmt.Errorf("wrapping the key of a folder: %w", err)
	}
	return Wrapped{Folder: folder, By: by, Key: wrapped}, nil
}

func (f *Folders) unwrap(w Wrapped) (*Key, error) {
	bytes, err := f.wrapping.Unwrap(w.By, w.Key, boundKey(w.Folder))
	if err != nil {
		return nil, fmt.Errorf("unwrapping the key of a folder: %w", err)
	}
	return readKey(bytes)
}

func (f *Folders) held(folder string) *Key {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn()
	if key, ok := f.young[folder]; ok {
		return key
	}
	key, ok := f.old[folder]
	if ok {
		f.young[folder] = key
	}
	return key
}

func (f *Folders) hold(folder string, key *Key) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn()
	f.young[folder] = key
}

func (f *Folders) turn() {
	if now := f.now(); len(f.young) >= heldOpen || now.Sub(f.turned) >= heldFor {
		f.old, f.young, f.turned = f.young, map[string]*Key{}, now
	}
}

// Check unwraps one key, if there is any: the wrapping is the right one.
func (f *Folders) Check(ctx context.Context) error {
	some, err := f.store.Following(ctx, "", 1)
	if err != nil || len(some) == 0 {
		return err
	}
	_, err = f.unwrap(some[0])
	return err
}

//go:build !js

package vault

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Outside a browser nothing outlives the process.
var places struct {
	sync.Mutex
	heads []PlaceHead
	data  map[string][]byte
}

// KeptPlaces lists the places that the device keeps.
func KeptPlaces(context.Context) ([]PlaceHead, error) {
	places.Lock()
	defer places.Unlock()
	return slices.Clone(places.heads), nil
}

// KeptPlace reads what is kept of a place, and since when; nothing when there is none.
func KeptPlace(_ context.Context, code string) (time.Time, []byte, error) {
	places.Lock()
	defer places.Unlock()
	for _, h := range places.heads {
		if h.Code == code {
			return h.At, places.data[code], nil
		}
	}
	return time.Time{}, nil, nil
}

// KeepPlace keeps data of a place, instead of what was there.
func KeepPlace(ctx context.Context, head PlaceHead, data []byte) error {
	if err := ForgetPlace(ctx, head.Code); err != nil {
		return err
	}
	places.Lock()
	defer places.Unlock()
	if places.data == nil {
		places.data = map[string][]byte{}
	}
	places.heads, places.data[head.Code] = append(places.heads, head), data
	return nil
}

// ForgetPlace forgets what is kept of a place.
func ForgetPlace(_ context.Context, code string) error {
	places.Lock()
	defer places.Unlock()
	places.heads = slices.DeleteFunc(places.heads, func(h PlaceHead) bool { return h.Code == code })
	delete(places.data, code)
	return nil
}

// forgetPlaces forgets all of them.
func forgetPlaces(context.Context) error {
	places.Lock()
	defer places.Unlock()
	places.heads, places.data = nil, nil
	return nil
}

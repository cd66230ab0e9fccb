package vault

import (
	"context"
	"time"

	"madoguchi/frontend/reach/browser"
)

// AdoptPlaces takes over what pages of earlier editions kept of places, in a database of its own. It goes with the
// edition after the next one.
func AdoptPlaces(ctx context.Context) error {
	lists := browser.Offered("indexedDB")
	if !lists.Truthy() || !lists.Get("databases").Truthy() {
		return nil
	}
	all, err := browser.Await(ctx, lists.Call("databases"))
	if err != nil {
		return err
	}
	there := false
	for i := range all.Length() {
		there = there || all.Index(i).Get("name").String() == "procedures"
	}
	if !there {
		return nil
	}
	before := browser.Database{Name: "procedures", Version: 2, Stores: []string{"places", "contents"}}
	t, err := before.Begin(ctx, "readonly", "places", "contents")
	if err != nil {
		return err
	}
	heads, err := t.All(ctx, "places")
	if err != nil {
		return err
	}
	contents, err := t.All(ctx, "contents")
	if err != nil {
		return err
	}
	before.Close()
	for i := range heads.Length() {
		h := heads.Index(i)
		head := PlaceHead{
			h.Get("code").String(), h.Get("name").String(), time.UnixMilli(int64(h.Get("at").Float())),
		}
		for j := range contents.Length() {
			if c := contents.Index(j); c.Get("code").String() == head.Code {
				if err := KeepPlace(ctx, head, browser.FromBytes(c.Get("data"))); err != nil {
					return err
				}
			}
		}
	}
	return browser.DropDatabase(ctx, "procedures")
}

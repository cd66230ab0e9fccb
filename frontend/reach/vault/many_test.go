//go:build !js

package vault

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// On a device that others use, too, nothing is written that outlives the tab, and what the tab has goes with the
// session; on a person's own all of it stays.
func TestADeviceOfManyKeepsNothing(t *testing.T) {
	const public Kind = "public-of-many"
	Declare(Sort{Kind: public})
	for _, many := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			Clear()
			defer Clear()
			HavePages(2)
			defer HavePages(0)
			ctx := context.Background()
			OfMany(many)
			Save("account", form{"花子"})
			Receipt("account", true)
			if err := errors.Join(
				Put(ctx, public, "form", []byte("x")), PutIn(ctx, Era(), public, "other", []byte("x")),
				KeepPlace(ctx, PlaceHead{Code: "131105", Name: "目黒区", At: time.Now()}, []byte("x")),
			); err != nil {
				t.Fatal(err)
			}
			if Keep(PlaceKey, "{}") == many || KeepsNothing() != many || Refuses() {
				t.Errorf("many %v: it does not say what it keeps", many)
			}
			KeepValue(TickKey+"131105.P0012", []string{"a"})
			records, err := List(ctx, public)
			if err != nil || (len(records) == 0) != many {
				t.Errorf("many %v: %d records, %v", many, len(records), err)
			}
			places, err := KeptPlaces(ctx)
			if err != nil || (len(places) == 0) != many {
				t.Errorf("many %v: %d places, %v", many, len(places), err)
			}
			if !HasDraft() || !HasReceipt("account", new(bool)) {
				t.Errorf("many %v: the session goes on, and what was typed is gone", many)
			}
			if LeaveNothing() != many {
				t.Errorf("many %v: it says it is not", many)
			}
			synctest.Wait()
			left := said(t)
			if many && left != "" || !many && left == "" {
				t.Errorf("many %v: left is %q", many, left)
			}
			if HasDraft() == many || HasReceipt("account", new(bool)) == many {
				t.Errorf("many %v: draft and receipt: %v", many, HasDraft())
			}
			if LeaveNothing() || !Keep(PlaceKey, "{}") {
				t.Errorf("many %v: the next one's device is one of many, too", many)
			}
		})
	}
}

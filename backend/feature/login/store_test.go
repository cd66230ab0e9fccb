package login_test

import (
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/store/db"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// A store that is down is not J-LIS's fault, and nobody is sent to it.
func TestAStoreThatIsDownIsNotJLISsFault(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		mend := dbtest.Break(t, d)
		_, err := w.logIn(w.browser(), "yamada-taro")
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_STORE_UNAVAILABLE ||
			connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("a store that cannot write: %v", err)
		}
		mend()
		for deadline := time.Now().Add(20 * time.Second); ; { // each connection that the server ended says so once
			_, err := w.logIn(w.browser(), "yamada-taro")
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("mended: %v", err)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = w.logIn(w.browser(), "yamada-taro")
		if got := reasonOf(t, err); got != portalv1.Reason_REASON_STORE_UNAVAILABLE ||
			connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("a store that is gone: %v", err)
		}
	})
}

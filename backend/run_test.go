package main

import (
	"context"
	"testing"
	"testing/synctest"
)

// A loop that breaks down begins again, and ends with the portal.
func TestALoopThatBreaksDownBeginsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		rounds := 0
		tend(ctx, "test", func(ctx context.Context) {
			if rounds++; rounds < 3 {
				panic("broken")
			}
			stop()
			<-ctx.Done()
		})
		if rounds != 3 {
			t.Errorf("%d rounds", rounds)
		}
	})
}

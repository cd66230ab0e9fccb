//go:build !js

package trouble

import (
	"strings"
	"testing"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/reach/rpc"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestEveryReasonHasWords(t *testing.T) {
	for number, name := range portalv1.Reason_name {
		reason := portalv1.Reason(number)
		if reason == portalv1.Reason_REASON_UNSPECIFIED {
			continue
		}
		words := Words(&rpc.Error{
			Code: rpc.CodeInternal, Info: &portalv1.ErrorInfo{Reason: reason, Reference: "K7Q2", Field: "display_name"},
		})
		for part, text := range map[string]lang.Text{"what": words.What, "means": words.Means, "do": words.Do} {
			for _, code := range lang.All {
				if text.In(code) == "" {
					t.Errorf("%s says nothing in %s of %s", name, code, part)
				}
			}
		}
		if _, known := messages()[reason]; !known {
			t.Errorf("%s has no words of its own", name)
		}
		if words.Code != "K7Q2" || words.Field != "display_name" || !strings.Contains(words.Detail, name) {
			t.Errorf("%s: code %q, field %q, detail %q", name, words.Code, words.Field, words.Detail)
		}
	}
}

func TestWaitingIsTold(t *testing.T) {
	for after, want := range map[int64]string{1: "1秒ほど", 30_000: "30秒ほど", 91_000: "2分ほど", 600_000: "10分ほど"} {
		words := Words(&rpc.Error{
			Code: rpc.CodeResourceExhausted, Info: &portalv1.ErrorInfo{
				Reason: portalv1.Reason_REASON_TOO_MANY_REQUESTS, RetryAfterMs: after,
			},
		})
		if !strings.HasPrefix(words.Do.In(lang.Japanese), want) {
			t.Errorf("%d ms: %s", after, words.Do.In(lang.Japanese))
		}
	}
}

// What was typed is spoken of only where something was.
func TestWhatWasTypedIsToldOnlyWhereSomethingWas(t *testing.T) {
	t.Cleanup(func() { AskTyped(nil) })
	for number, name := range portalv1.Reason_name {
		err := &rpc.Error{Code: rpc.CodeInternal, Info: &portalv1.ErrorInfo{Reason: portalv1.Reason(number)}}
		AskTyped(func() bool { return false })
		before := Words(err).Means.In(lang.Japanese)
		if strings.Contains(before, nothingLost.In(lang.Japanese)) || strings.Contains(before, "画面に残って") {
			t.Errorf("%s: %s", name, before)
		}
		AskTyped(func() bool { return true })
		stays := screenStays[portalv1.Reason(number)] || number == 0 // words of an inner fault
		if got := Words(err).Means.In(lang.Japanese); strings.HasSuffix(got, nothingLost.In(lang.Japanese)) != stays ||
			!strings.HasPrefix(got, before) {
			t.Errorf("%s, with something typed: %s", name, got)
		}
	}
}

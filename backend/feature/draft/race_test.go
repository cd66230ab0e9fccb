package draft_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"testing"

	"connectrpc.com/connect"

	"madoguchi/backend/door/rule/ruletest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// answered fails the test when an error is none that a caller is meant to be given.
func answered(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if refused, ok := errors.AsType[*connect.Error](err); !ok || refused.Code() == connect.CodeInternal {
		t.Errorf("%s: %v", what, err)
	}
}

// Every call of a file's way is made several times at once, by two devices, as if answers had been lost: the file is
// there once, as it is, and nobody is told of a fault of ours. Another person who knows all its ids gets nothing of it,
// and changes nothing.
func TestAFileComesByTwoDevicesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var photo bytes.Buffer
		if err := png.Encode(&photo, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
			t.Fatal(err)
		}
		data := photo.Bytes()
		const times = 6
		atOnce := func(do func(ctx context.Context, n int)) {
			done := make(chan struct{})
			for n := range times {
				go func() {
					do(w.on("hanako", fmt.Sprint("session ", n%2)), n)
					done <- struct{}{}
				}()
			}
			for range times {
				<-done
			}
		}
		atOnce(func(ctx context.Context, _ int) {
			_, err := w.save(ctx, id(1), nintei)
			answered(t, "saving", err)
		})
		atOnce(func(ctx context.Context, _ int) {
			_, err := ruletest.Call(ctx, w.s.StartAttachment, &portalv1.StartAttachmentRequest{
				Id: id(2), Draft: id(1), Field: "pension_paper", Name: "a.png", Size: int64(len(data)),
				Digest: digest(data),
			})
			answered(t, "beginning", err)
		})
		stranger := w.on("taro", "session 0")
		for what, err := range map[string]error{
			"goes on": second(ruletest.Call(stranger, w.s.PutAttachment, &portalv1.PutAttachmentRequest{
				Id: id(2), Part: []byte("x"),
			})),
			"finishes": second(ruletest.Call(stranger, w.s.FinishAttachment, &portalv1.FinishAttachmentRequest{
				Id: id(2),
			})),
			"opens": second(ruletest.Call(stranger, w.s.OpenAttachment, &portalv1.OpenAttachmentRequest{Id: id(2)})),
			"attaches": second(ruletest.Call(stranger, w.s.StartAttachment, &portalv1.StartAttachmentRequest{
				Id: id(2), Draft: id(1), Field: "pension_paper", Name: "a.png", Size: 1, Digest: digest(nil),
			})),
			"drops": second(ruletest.Call(stranger, w.s.DropDraft, &portalv1.DropDraftRequest{Id: id(1)})),
		} {
			if connect.CodeOf(err) != connect.CodeNotFound {
				t.Errorf("another person %s: %v", what, err)
			}
		}
		// One that is off already is no error; nothing of another's goes by that.
		if _, err := ruletest.Call(stranger, w.s.RemoveAttachment, &portalv1.RemoveAttachmentRequest{
			Id: id(2),
		}); err != nil {
			t.Error(err)
		}
		atOnce(func(ctx context.Context, _ int) {
			_, err := ruletest.Call(ctx, w.s.PutAttachment, &portalv1.PutAttachmentRequest{Id: id(2), Part: data})
			answered(t, "sending", err)
		})
		atOnce(func(ctx context.Context, _ int) {
			got, err := ruletest.Call(ctx, w.s.FinishAttachment, &portalv1.FinishAttachmentRequest{Id: id(2)})
			answered(t, "finishing", err)
			if err != nil || got.GetFault() != 0 {
				t.Errorf("%v, %v", got, err)
			}
		})
		there := w.get(w.as("hanako"), id(1)).GetAttachments()
		if len(there) != 1 || !there[0].GetFinished() || len(w.read("hanako", id(2))) != int(there[0].GetSize()) {
			t.Errorf("%v", there)
		}
		atOnce(func(ctx context.Context, n int) {
			if n%2 == 0 {
				_, err := ruletest.Call(ctx, w.s.RemoveAttachment, &portalv1.RemoveAttachmentRequest{Id: id(2)})
				answered(t, "removing", err)
				return
			}
			_, err := ruletest.Call(ctx, w.s.DropDraft, &portalv1.DropDraftRequest{Id: id(1)})
			answered(t, "dropping", err)
		})
		if there := w.get(w.as("hanako"), id(1)).GetAttachments(); len(there) != 0 {
			t.Errorf("%v", there)
		}
	})
}

package accesstest

import (
	"context"
	"errors"
	"testing"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// AsCitizen is the context of a call by a person with a folder, in the one session that the person has.
func AsCitizen(ctx context.Context, folder string) context.Context {
	return access.WithCaller(ctx, access.Caller{
		Kind: access.Citizen, FolderID: folder, SessionHash: "session of " + folder,
	})
}

// AsOffice is the context of a call by an office with these duties.
func AsOffice(ctx context.Context, id string, duties ...string) context.Context {
	return access.WithCaller(ctx, access.Caller{Kind: access.Office, OfficeID: id, OfficeDuties: duties})
}

// InfoOf is what a page is told of an error; nil when it is told nothing.
func InfoOf(err error) *portalv1.ErrorInfo {
	failed, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return nil
	}
	for _, detail := range failed.Details() {
		value, err := detail.Value()
		if info, ok := value.(*portalv1.ErrorInfo); err == nil && ok {
			return info
		}
	}
	return nil
}

// WantReason fails the test unless an error has this reason, at this field.
func WantReason(t testing.TB, err error, reason portalv1.Reason, field string) {
	t.Helper()
	if info := InfoOf(err); info == nil || info.GetReason() != reason || info.GetField() != field {
		t.Errorf("got %v at %q of %v, want %v at %q", info.GetReason(), info.GetField(), err, reason, field)
	}
}

package vault

import (
	"context"
	"strings"
	"time"

	"madoguchi/proto/edition"
)

// What is registered for a place is kept whole, for everybody at the device: a record with all of it, and a small one
// that says of which place it is and since when.

const placeHead = "/head"

func init() { Declare(Sort{Kind: Procedures}) }

func placeRow(code string) row     { return row{kind: string(Procedures), name: code} }
func placeHeadRow(code string) row { return row{kind: string(Procedures) + placeHead, name: code} }

// KeptPlaces lists the places that the device keeps.
func KeptPlaces(ctx context.Context) ([]PlaceHead, error) {
	rows, err := rowsUnder(ctx, "", string(Procedures)+placeHead)
	if err != nil {
		return nil, err
	}
	var heads []PlaceHead
	for _, r := range rows {
		if code, name, err := unpack(fromBlob(r.data)); err == nil {
			heads = append(heads, PlaceHead{Code: code, Name: string(name), At: time.UnixMilli(r.at)})
		}
	}
	return heads, nil
}

// KeptPlace reads what is kept of a place, and since when; nothing when there is none.
func KeptPlace(ctx context.Context, code string) (time.Time, []byte, error) {
	r, found, err := getRow(ctx, placeRow(code))
	if err != nil || !found {
		return time.Time{}, nil, err
	}
	_, data, err := unpack(fromBlob(r.data))
	return time.UnixMilli(r.at), data, err
}

// KeepPlace keeps data of a place, instead of what was there.
func KeepPlace(ctx context.Context, head PlaceHead, data []byte) error {
	if isOfMany() {
		return nil
	}
	rows := []row{placeRow(head.Code), placeHeadRow(head.Code)}
	for i, content := range [][]byte{data, []byte(head.Name)} {
		r := &rows[i]
		r.at, r.version, r.size = head.At.UnixMilli(), edition.Now, len(content)
		r.data = toBlob(payload(head.Code, content))
	}
	return refused(putRows(ctx, rows, nil))
}

// ForgetPlace forgets what is kept of a place.
func ForgetPlace(ctx context.Context, code string) error {
	return putRows(ctx, nil, []row{placeRow(code), placeHeadRow(code)})
}

// belongsTo tells whether a row is of a kind, or goes with one that is.
func (r row) belongsTo(kind Kind) bool {
	return r.kind == string(kind) || strings.HasPrefix(r.kind, string(kind)+"/")
}

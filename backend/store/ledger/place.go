package ledger

import (
	"context"
	"errors"
)

// Place is where a log lies outside of the database: a folder of one machine (NewFolder), or a store of objects that
// several portals share (NewBucket). What it has taken stays, also when the machine fails the moment after.
type Place interface {
	// Read gives an object and its version; fs.ErrNotExist when there is none.
	Read(ctx context.Context, name string) (data []byte, version string, err error)
	// Get is Read without the version.
	Get(ctx context.Context, name string) ([]byte, error)
	// ReadPart fills a part with what an object has from a place in it on. It stays open, to be quick.
	ReadPart(ctx context.Context, name string, part []byte, from int64) error
	// WritePart puts a part into an object. Only for what may be half there; errors.ErrUnsupported where objects are
	// put and given whole.
	WritePart(ctx context.Context, name string, part []byte, from int64) error
	// Write puts an object there, whatever was there before. Only for what is the same whoever writes it.
	Write(ctx context.Context, name string, data []byte) error
	// Swap puts an object there in exchange for that of a version ("": for none), and gives the new one's; ErrSwapped
	// when another is there. Of all who try with the same version one succeeds.
	Swap(ctx context.Context, name string, data []byte, version string) (now string, err error)
	// Remove removes an object, and everything below it. Without one it succeeds, too.
	Remove(ctx context.Context, name string) error
}

// ErrSwapped: another object is there than the one that was to be replaced.
var ErrSwapped = errors.New("another was quicker")

// The objects of a log. A signed checkpoint is born in newest, by a swap; there it binds, and nobody is shown it before
// its tiles are there and it is in published.
const (
	newest    = "newest"
	published = "checkpoint"
	witnessed = "witnessed"
	pending   = "pending/" // the leaves of a checkpoint in newest, until their tiles are written
)

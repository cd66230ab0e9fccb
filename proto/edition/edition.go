// Package edition numbers the contract between pages and the portal: a page says with each call of which edition it is,
// so that a portal can tell one that it no longer understands to load itself anew. An installed page may be weeks old.
// What may change within an edition, `make check` says (buf breaking, against proto/released.binpb.gz).
package edition

// Header carries the edition with each call of a page, as a decimal number. Pages of the first edition send none.
const Header = "Page-Edition"

const (
	// First is that of the pages from before there were numbers.
	First = 1
	// Now is that of this tree. `make released` raises it.
	Now = 2
	// Oldest is what the portal answers unless its setting asks for a later one: raise it with a change that pages from
	// before cannot live with, a release after the change that they could.
	Oldest = First
)

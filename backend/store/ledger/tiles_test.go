package ledger

import "testing"

// As many as whoever reads all of a log asks for: bundles of entries, and the tiles of each level.
func TestFilesAreCounted(t *testing.T) {
	for size, want := range map[uint64]uint64{
		0: 0, 1: 2, 256: 2, 257: 2 + 2 + 1, 1 << 16: 256 + 256 + 1, 1<<16 + 1: 257 + 257 + 2 + 1,
		1 << 30: 1<<22 + 1<<22 + 1<<14 + 1<<6 + 1,
	} {
		if got := files(size); got != want {
			t.Errorf("%d leaves: %d files, want %d", size, got, want)
		}
	}
}

package catalog

import "testing"

// What the check of one entry costs: an import makes a hundred thousand of them.
func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		if faults := Check(Definitions()[5].Content()); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}

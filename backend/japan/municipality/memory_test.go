package municipality

import (
	"runtime"
	"testing"
)

// unpacked tells what an unpacked table of postal codes keeps in memory, in MB.
func unpacked(t testing.TB) float64 {
	load()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	table, err := unpack()
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(table)
	return (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / (1 << 20)
}

func TestPostalCodesAreSmall(t *testing.T) {
	if size := unpacked(t); size > 12 {
		t.Errorf("the postal codes take %.1f MB", size)
	}
}

// BenchmarkUnpack tells how long unpacking the postal codes takes, and what they take in memory.
func BenchmarkUnpack(b *testing.B) {
	size := 0.0
	for b.Loop() {
		size = unpacked(b)
	}
	b.ReportMetric(size, "MB")
}

package expand_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/catalog/expand"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// entries turns what the expansion makes into what the index takes.
func entries(place string, contents []*portalv1.ProcedureContent) []index.Entry {
	list := make([]index.Entry, len(contents))
	for i, c := range contents {
		list[i] = index.EntryOf(place, c)
	}
	return list
}

func filled(b *testing.B, scale expand.Scale) *index.Index {
	b.Helper()
	x := index.New(catalog.Definitions(), catalog.Categories())
	expand.Nation(1, scale, func(code string, contents []*portalv1.ProcedureContent) {
		x.Replace(code, entries(code, contents))
	})
	return x
}

// BenchmarkImport reads, checks and registers the whole nation from a CSV file, durably.
func BenchmarkImport(b *testing.B) {
	var file bytes.Buffer
	w, err := catalog.NewCSVWriter(&file)
	if err != nil {
		b.Fatal(err)
	}
	expand.Nation(1, expand.Real, func(code string, contents []*portalv1.ProcedureContent) {
		for _, c := range contents {
			err = errors.Join(err, w.Write(catalog.Line{Place: code, Content: c}))
		}
	})
	if err := errors.Join(err, w.Flush()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d := dbtest.SQLite(b)
		report, err := entry.NewStore(d, time.Now).Import(b.Context(), bytes.NewReader(file.Bytes()), "2026-11-23",
			false, func(int, int) {})
		if err != nil || len(report.Errors) > 0 {
			b.Fatal(err, report.Errors[:min(len(report.Errors), 5)])
		}
		b.ReportMetric(float64(report.Lines), "lines")
	}
}

// BenchmarkIndex fills the index and tells its size.
func BenchmarkIndex(b *testing.B) {
	for _, scale := range []expand.Scale{expand.Real, expand.Stress} {
		b.Run(fmt.Sprint(int(scale)), func(b *testing.B) {
			for b.Loop() {
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				x := filled(b, scale)
				runtime.GC()
				runtime.ReadMemStats(&after)
				size := x.Size()
				b.ReportMetric(float64(size.Entries), "entries")
				b.ReportMetric(float64(size.Texts), "texts")
				b.ReportMetric(float64(size.Postings), "postings")
				b.ReportMetric(float64(size.Bytes)/(1<<20), "MB-index")
				b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB-heap")
			}
		})
	}
}

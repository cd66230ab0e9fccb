package expand_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"madoguchi/backend/catalog"
	"madoguchi/backend/catalog/expand"
	"madoguchi/backend/catalog/index"
	"madoguchi/backend/db/dbtest"
	"madoguchi/backend/municipality"
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
	expand.Nation(1, scale, func(code string, contents []*portalv1.ProcedureContent) { x.Replace(code, entries(code, contents)) })
	return x
}

// typed are the queries of the relevance tests as they come while one types: every beginning of each.
func typed(b *testing.B) []string {
	b.Helper()
	data, err := os.ReadFile(filepath.Join("..", "index", "testdata", "queries.tsv"))
	if err != nil {
		b.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(data)) {
		query, _, ok := strings.Cut(line, "\t")
		if !ok || query[0] == '#' {
			continue
		}
		runes := []rune(query)
		for n := 1; n <= len(runes); n++ {
			list = append(list, string(runes[:n]))
		}
	}
	return list
}

// BenchmarkSearch measures searches as people make them: nine in ten in a municipality, the rest in a prefecture or the whole country.
func BenchmarkSearch(b *testing.B) {
	for _, scale := range []expand.Scale{expand.Real, expand.Stress} {
		b.Run(fmt.Sprint(int(scale)), func(b *testing.B) {
			x := filled(b, scale)
			queries, all := typed(b), municipality.All()
			for _, where := range []string{"municipality", "prefecture", "nation", "mixed"} {
				b.Run(where, func(b *testing.B) {
					var turn atomic.Int64
					var mu sync.Mutex
					var times []time.Duration
					b.RunParallel(func(pb *testing.PB) {
						r := rand.New(rand.NewPCG(1, uint64(turn.Add(1))))
						var mine []time.Duration
						for pb.Next() {
							q := index.Query{Text: queries[r.IntN(len(queries))], Limit: 20}
							m := all[r.IntN(len(all))]
							switch {
							case where == "municipality" || where == "mixed" && r.IntN(10) > 0:
								q.Place = m.Code
							case where == "prefecture" || where == "mixed" && r.IntN(2) == 0:
								q.Place = index.Prefecture(m.Code)
							}
							start := time.Now()
							x.Search(q)
							mine = append(mine, time.Since(start))
						}
						mu.Lock()
						times = append(times, mine...)
						mu.Unlock()
					})
					slices.Sort(times)
					b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
					b.ReportMetric(float64(times[len(times)*95/100].Microseconds()), "p95-µs")
					b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
					b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "searches/s")
				})
			}
		})
	}
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
		report, err := catalog.NewStore(d, time.Now).Import(b.Context(), bytes.NewReader(file.Bytes()), "2026-11-23", false, func(int, int) {})
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

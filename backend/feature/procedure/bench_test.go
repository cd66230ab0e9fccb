package procedure_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/feature/procedure"
	"madoguchi/backend/feature/procedure/entry"
	"madoguchi/backend/japan/catalog/expand"
	"madoguchi/backend/japan/catalog/index"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// typed are the queries of the relevance tests as they come while one types: every beginning of each.
func typed(b *testing.B) []string {
	b.Helper()
	data, err := os.ReadFile(filepath.Join("..", "catalog", "index", "testdata", "queries.tsv"))
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

// BenchmarkSearch asks over HTTPS as people's pages do, 16 of them beside each other while they type: eight in ten in a
// municipality, one in a prefecture, one in the whole country. The pages' work is on these processors too. The time is
// that of the whole call; `handler` is the server's part.
func BenchmarkSearch(b *testing.B) {
	for _, scale := range []expand.Scale{expand.Real, expand.Stress} {
		var c *procedure.Catalog
		b.Run(fmt.Sprint(int(scale)), func(b *testing.B) {
			if c == nil {
				c = loaded(b, scale)
			}
			var mu sync.Mutex
			var handled []time.Duration
			service := timed{
				procedure.New(c, procedure.Needs{Hints: hints}),
				func(d time.Duration) { mu.Lock(); handled = append(handled, d); mu.Unlock() },
			}
			mux := http.NewServeMux()
			mux.Handle(portalv1connect.NewProcedureServiceHandler(service))
			server := httptest.NewUnstartedServer(mux)
			server.EnableHTTP2 = true
			server.StartTLS()
			defer server.Close()
			client := portalv1connect.NewProcedureServiceClient(server.Client(), server.URL, connect.WithGRPCWeb())
			queries, all := typed(b), municipality.All()
			var turn atomic.Int64
			var times []time.Duration
			before := cpu()
			b.ResetTimer()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				r := rand.New(rand.NewPCG(1, uint64(turn.Add(1))))
				var mine []time.Duration
				for pb.Next() {
					request := &portalv1.SearchProceduresRequest{Query: queries[r.IntN(len(queries))]}
					switch m := all[r.IntN(len(all))]; r.IntN(10) {
					case 0:
					case 1:
						request.PlaceCode = index.Prefecture(m.Code)
					default:
						request.PlaceCode = m.Code
					}
					start := time.Now()
					if _, err := client.SearchProcedures(context.Background(), request); err != nil {
						b.Error(err)
						return
					}
					mine = append(mine, time.Since(start))
				}
				mu.Lock()
				times = append(times, mine...)
				mu.Unlock()
			})
			b.StopTimer()
			slices.Sort(times)
			slices.Sort(handled)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "searches/s")
			b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/search")
			b.ReportMetric(float64(handled[len(handled)/2].Microseconds())/1000, "handler-p50-ms")
			b.ReportMetric(float64(handled[len(handled)*95/100].Microseconds())/1000, "handler-p95-ms")
			b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "call-p95-ms")
		})
	}
}

// timed measures the server's part of a search.
type timed struct {
	*procedure.Service
	note func(time.Duration)
}

func (t timed) SearchProcedures(
	ctx context.Context, request *portalv1.SearchProceduresRequest,
) (*portalv1.SearchProceduresResponse, error) {
	start := time.Now()
	defer func() { t.note(time.Since(start)) }()
	return t.Service.SearchProcedures(ctx, request)
}

// loaded registers the nation in a SQLite file and opens the catalogue on it, as a portal does at its start.
func loaded(b *testing.B, scale expand.Scale) *procedure.Catalog {
	b.Helper()
	store := entry.NewStore(dbtest.SQLite(b), time.Now)
	expand.Nation(1, scale, func(code string, contents []*portalv1.ProcedureContent) {
		if _, _, err := store.Put(context.Background(), code, "2026-04-01", "", contents); err != nil {
			b.Fatal(err)
		}
	})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	c := procedure.NewCatalog(store, time.Now, "")
	if err := c.Fill(context.Background()); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.Logf("%s entries: read from SQLite in %s, %d MB in memory", b.Name(), took.Round(time.Millisecond),
		(after.HeapAlloc-before.HeapAlloc)>>20)
	return c
}

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

package login_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math/big"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Logins over HTTPS, by 16 browsers beside each other; challenges are fetched and signed before. The browsers' work is
// on these processors too and counts in the CPU time.
func BenchmarkLogin(b *testing.B) {
	slog.SetLogLoggerLevel(slog.LevelError)
	w := newWorld(b, dbtest.SQLite(b))
	// Cards enough that none meets its limit; J-LIS is asked about each once, before.
	const cards = 100
	certificates := make([][]byte, cards)
	for i := range certificates {
		certificates[i] = w.forge("yamada-taro",
			func(c, _ *x509.Certificate) { c.SerialNumber = big.NewInt(int64(1_000_000 + i)) }, nil)
	}
	taro := w.card("yamada-taro")
	clients := make([]portalv1connect.LoginServiceClient, 16)
	for i := range clients {
		clients[i] = w.browser()
	}
	prove := func(i int) *portalv1.CardProof {
		proof := taro.answer(w.challenge(clients[i%16], "login"))
		proof.Certificate = certificates[i%cards]
		return proof
	}
	if b.N > 90*cards {
		b.Fatalf("at most %d logins: run with -benchtime %dx", 90*cards, 90*cards)
	}
	for i := range cards {
		if _, err := clients[i%16].LogIn(context.Background(), &portalv1.LogInRequest{Proof: prove(i)}); err != nil {
			b.Fatal(err)
		}
	}
	proofs := make([]*portalv1.CardProof, b.N)
	for i := range proofs {
		proofs[i] = prove(i)
	}
	var next, refused atomic.Int64
	before := cpu()
	b.ResetTimer()
	b.SetParallelism(8)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			i := next.Add(1) - 1
			_, err := clients[i%16].LogIn(context.Background(), &portalv1.LogInRequest{Proof: proofs[i]})
			if err != nil {
				refused.Add(1)
			}
		}
	})
	b.StopTimer()
	if refused.Load() > 0 {
		b.Fatalf("%d of %d refused", refused.Load(), b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/login")
}

func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Logins by passkey, the same way. A passkey each for a hundred people.
func BenchmarkPasskeyLogin(b *testing.B) {
	slog.SetLogLoggerLevel(slog.LevelError)
	w := newWorld(b, dbtest.SQLite(b))
	const people = 100
	phones := make([]*device, people)
	for i := range phones {
		phones[i] = newDevice(b)
		w.ownPasskey(b, fmt.Sprintf("f%d", i), phones[i])
	}
	if b.N > 90*people {
		b.Fatalf("at most %d logins: run with -benchtime %dx", 90*people, 90*people)
	}
	at := make([]*place, 16)
	for i := range at {
		at[i] = w.place()
	}
	requests := make([]*portalv1.LogInByPasskeyRequest, b.N)
	for i := range requests {
		begun, err := at[i%16].BeginPasskeyLogin(context.Background(), &portalv1.BeginPasskeyLoginRequest{})
		if err != nil {
			b.Fatal(err)
		}
		requests[i] = &portalv1.LogInByPasskeyRequest{
			Response: phones[i%people].answer(b, begun.GetOptions()), Seal: begun.GetSeal(),
		}
	}
	var next, refused atomic.Int64
	before := cpu()
	b.ResetTimer()
	b.SetParallelism(8)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			i := next.Add(1) - 1
			if _, err := at[i%16].LogInByPasskey(context.Background(), requests[i]); err != nil {
				refused.Add(1)
			}
		}
	})
	b.StopTimer()
	if refused.Load() > 0 {
		b.Fatalf("%d of %d refused", refused.Load(), b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/login")
}

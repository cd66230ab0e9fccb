package login_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"madoguchi/backend/db/dbtest"
	"madoguchi/bridge/softcard"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Whole logins over HTTPS: challenge, proof, session. The card signs beforehand where it can; its work (and the client's) is on these
// processors too, so the service's own CPU time is measured apart, by calling it directly.
func BenchmarkLogin(b *testing.B) {
	slog.SetLogLoggerLevel(slog.LevelError)
	w := newWorld(b, dbtest.SQLite(b))
	people := []string{}
	for _, p := range softcard.People() {
		if _, revoked := softcard.Revoked(softcard.SerialHex(p.AuthSerial())); revoked || p.AuthCertificate(w.now()) == nil {
			continue
		}
		if p.AuthCertificate(w.now()).NotAfter.After(w.now()) && p.Special == "" {
			people = append(people, p.ID)
		}
	}
	proofs := make([]*portalv1.CardProof, 0, 2000)
	for range min(max(b.N, 1), cap(proofs)) {
		challenge, err := w.service.CreateChallenge(context.Background(), &portalv1.CreateChallengeRequest{Purpose: "login"})
		if err != nil {
			b.Fatal(err)
		}
		proofs = append(proofs, w.card(people[len(proofs)%len(people)]).answer(challenge))
	}
	clients := make([]portalv1connect.LoginServiceClient, 16)
	for i := range clients {
		clients[i] = w.browser()
	}
	if b.N > len(proofs) {
		b.Fatalf("at most %d logins: run with -benchtime %dx", len(proofs), len(proofs))
	}
	var next, refused atomic.Int64
	before := cpu()
	b.ResetTimer()
	b.SetParallelism(8)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			i := next.Add(1) - 1
			if _, err := clients[i%16].LogIn(context.Background(), &portalv1.LogInRequest{Proof: proofs[i]}); err != nil {
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

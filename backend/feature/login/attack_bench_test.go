package login_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crypto/x509"

	"madoguchi/backend/store/db/dbtest"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Logins while 2,000 bad proofs are under way at any time, from 20 addresses; each has a good challenge, and every
// other one a good certificate, so that the signature must be looked at. Browsers and attackers work on the same
// processors as the portal.
func BenchmarkLoginBesideBadProofs(b *testing.B) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer slog.SetDefault(before)
	w := newWorld(b, dbtest.SQLite(b))
	const cards = 100
	taro := w.card("yamada-taro")
	certificates := make([][]byte, cards)
	for i := range certificates {
		certificates[i] = w.forge("yamada-taro",
			func(c, _ *x509.Certificate) { c.SerialNumber = big.NewInt(int64(1_000_000 + i)) }, nil)
	}
	people := make([]portalv1connect.LoginServiceClient, 16)
	for i := range people {
		people[i] = w.browser()
	}
	prove := func(i int) *portalv1.CardProof {
		proof := taro.answer(w.challenge(people[i%16], "login"))
		proof.Certificate = certificates[i%cards]
		return proof
	}
	for i := range cards {
		if _, err := people[i%16].LogIn(b.Context(), &portalv1.LogInRequest{Proof: prove(i)}); err != nil {
			b.Fatal(err)
		}
	}
	proofs := make([]*portalv1.CardProof, b.N)
	for i := range proofs {
		proofs[i] = prove(i)
	}

	ctx, end := context.WithCancel(b.Context())
	var attackers sync.WaitGroup
	var bad atomic.Int64
	for n := range 20 {
		client := w.stranger(fmt.Sprintf("127.0.1.%d", 1+n))
		challenge := w.challenge(client, "login")
		for i := range 100 {
			proof := &portalv1.CardProof{
				Challenge: challenge.GetChallenge(), Seal: challenge.GetSeal(), Certificate: []byte{0x30, byte(i)},
				Signature: make([]byte, 256),
			}
			if i%2 == 0 {
				proof.Certificate = certificates[0]
			}
			attackers.Go(func() {
				for ctx.Err() == nil {
					if _, err := client.LogIn(ctx, &portalv1.LogInRequest{Proof: proof}); err == nil {
						b.Error("a bad proof lets in")
					}
					bad.Add(1)
				}
			})
		}
	}

	var next atomic.Int64
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	b.SetParallelism(8)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			i := next.Add(1) - 1
			began := time.Now()
			if _, err := people[i%16].LogIn(ctx, &portalv1.LogInRequest{Proof: proofs[i]}); err != nil {
				b.Error(err)
			}
			took[i] = time.Since(began)
		}
	})
	b.StopTimer()
	elapsed := b.Elapsed().Seconds()
	end()
	attackers.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/elapsed, "logins/s")
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
	b.ReportMetric(float64(bad.Load())/elapsed, "bad-proofs/s")
}

// stranger is a browser from another address, which holds many calls on one connection.
func (w *world) stranger(from string) portalv1connect.LoginServiceClient {
	own, ok := w.server.Client().Transport.(*http.Transport)
	if !ok {
		w.t.Fatal("the server's client has another transport")
	}
	jar, _ := cookiejar.New(nil)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	return portalv1connect.NewLoginServiceClient(&http.Client{Jar: jar, Transport: &http.Transport{
		DialContext: dialer.DialContext, MaxIdleConnsPerHost: 100,
		TLSClientConfig: &tls.Config{RootCAs: own.TLSClientConfig.RootCAs, ServerName: "example.com"},
	}}, w.server.URL)
}

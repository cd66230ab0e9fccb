package part

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
)

// Handler stands before what a part serves over HTTP. A dead part hangs up without a word.
func Handler(p *Part, good http.Handler, ways Ways[http.Handler]) http.Handler {
	ways.knows(p)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		way, err := p.meet(r.Context())
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if way == "" {
			good.ServeHTTP(w, r)
			return
		}
		slog.Info("answering wrongly, as the switch says", "part", p.ID, "way", string(way))
		ways[way](good).ServeHTTP(w, r)
	})
}

// WrongAnswers are the ways in which any server can be wrong that answers over HTTP.
func WrongAnswers() Ways[http.Handler] {
	return Ways[http.Handler]{Status: outOfOrder, Garbage: babbling, Half: breakingOff}
}

// outOfOrder answers as the machine before a broken server does.
func outOfOrder(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		w.Write([]byte("<!doctype html><title>500</title><h1>Internal Server Error</h1>\n"))
	})
}

// babbling answers with the right headers and the wrong content.
func babbling(good http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := record(good, r)
		maps.Copy(w.Header(), answer.header)
		w.Write(babble(answer.body.Len()))
	})
}

// babble makes bytes that mean nothing, about as many as there should be.
func babble(length int) []byte {
	nothing := make([]byte, max(length, 64))
	_, _ = rand.Read(nothing) // never fails
	return nothing
}

func breakingOff(good http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := record(good, r)
		maps.Copy(w.Header(), answer.header)
		w.Header().Set("Content-Length", strconv.Itoa(answer.body.Len()))
		w.WriteHeader(answer.status)
		w.Write(answer.body.Bytes()[:answer.body.Len()/2])
		_ = http.NewResponseController(w).Flush() // whoever is gone misses nothing
		panic(http.ErrAbortHandler)
	})
}

// recorded is an answer that is not sent yet.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func record(good http.Handler, r *http.Request) *recorded {
	answer := &recorded{header: http.Header{}, status: http.StatusOK}
	good.ServeHTTP(answer, r)
	return answer
}

func (a *recorded) Header() http.Header         { return a.header }
func (a *recorded) WriteHeader(status int)      { a.status = status }
func (a *recorded) Write(b []byte) (int, error) { return a.body.Write(b) }

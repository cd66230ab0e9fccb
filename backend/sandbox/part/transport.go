package part

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
)

// Transport stands behind a part that calls the portal. A slow part begins a call and says what it wants later; a
// dead one makes none. A wrong one makes it wrongly and takes no answer to it: the caller gets ErrBroken and has
// everything still to do.
func Transport(p *Part, good http.RoundTripper, ways Ways[http.RoundTripper]) http.RoundTripper {
	ways.knows(p)
	return roundTrip(func(request *http.Request) (*http.Response, error) {
		if p.Setting().Is == Slow && request.Body != nil {
			late := request.Clone(request.Context())
			late.Body = &lateBody{ReadCloser: request.Body, part: p, ctx: request.Context()}
			return good.RoundTrip(late)
		}
		way, err := p.meet(request.Context())
		if err != nil {
			closeBody(request)
			return nil, err
		}
		if way == "" {
			return good.RoundTrip(request)
		}
		response, err := ways[way](good).RoundTrip(request)
		answered := ""
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body) // what stands at its end is read with it
			response.Body.Close()
			status := response.Header.Get("Grpc-Status") + response.Trailer.Get("Grpc-Status")
			answered = fmt.Sprint(response.StatusCode, " ", status)
		}
		slog.Info("called wrongly, as the switch says",
			"part", p.ID, "way", string(way), "path", request.URL.Path, "answered", answered, "err", err)
		return nil, fmt.Errorf("%w: %s was wrong (%s)", ErrBroken, p.Name, way)
	})
}

// WrongCalls are the ways in which any caller can be wrong; stranger is how somebody else would call.
func WrongCalls(stranger http.RoundTripper) Ways[http.RoundTripper] {
	return Ways[http.RoundTripper]{
		Garbage: func(good http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				return withBody(r, good, func(body []byte) io.Reader { return bytes.NewReader(babble(len(body))) })
			})
		},
		Half: func(good http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				return withBody(r, good, func(body []byte) io.Reader {
					return io.MultiReader(bytes.NewReader(body[:len(body)/2]), failing{})
				})
			})
		},
		Stranger: func(http.RoundTripper) http.RoundTripper { return stranger },
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func closeBody(r *http.Request) {
	if r.Body != nil {
		r.Body.Close()
	}
}

// withBody makes a call whose body is another one.
func withBody(r *http.Request, good http.RoundTripper, change func([]byte) io.Reader) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	changed := r.Clone(r.Context())
	changed.Body, changed.ContentLength, changed.GetBody = io.NopCloser(change(body)), -1, nil
	return good.RoundTrip(changed)
}

// failing is where a call breaks off.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken off, as the switch says") }

// lateBody comes when the part has waited enough.
type lateBody struct {
	io.ReadCloser
	part *Part
	ctx  context.Context
	once sync.Once
	err  error
}

func (b *lateBody) Read(into []byte) (int, error) {
	b.once.Do(func() {
		var way Way
		if way, b.err = b.part.meet(b.ctx); way != "" {
			b.err = fmt.Errorf("%w: %s went wrong", ErrBroken, b.part.Name)
		}
	})
	if b.err != nil {
		return 0, b.err
	}
	return b.ReadCloser.Read(into)
}

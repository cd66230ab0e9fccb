package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/limit"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Call is what the door needs to know of an RPC.
type Call struct {
	MaxBody int  // bytes of its request
	Stream  bool // its answer stays open
}

// Limits are how much may be under way; zero stands for the value of DefaultLimits. One address may have a quarter of
// each: many people may sit behind it, and four such must come together before anybody else is turned away.
type Limits struct {
	Calls     int // RPCs that are being sent or answered, streams aside
	Streams   int // open streams: each open page of somebody who is logged in has one
	Bodies    int // bytes of requests, beyond the first freeBody of each, which come with its place
	Pages     int // files and pages that are being sent
	Documents int // of those, pages written for their reader
}

// DefaultLimits fit a portal with half a gigabyte.
var DefaultLimits = Limits{Calls: 4096, Streams: 8192, Bodies: 16 << 20, Pages: 8192, Documents: 512}

func (l Limits) orDefault() Limits {
	for _, one := range []struct{ set, fallback *int }{
		{&l.Calls, &DefaultLimits.Calls}, {&l.Streams, &DefaultLimits.Streams}, {&l.Bodies, &DefaultLimits.Bodies},
		{&l.Pages, &DefaultLimits.Pages}, {&l.Documents, &DefaultLimits.Documents},
	} {
		if *one.set == 0 {
			*one.set = *one.fallback
		}
	}
	return l
}

// places of which one address may hold a quarter.
func places(name string, all int) *limit.Places { return limit.NewPlaces(name, all, max(1, all/4)) }

const (
	// freeBody is what any request of an RPC may bring: nearly all are smaller.
	freeBody = 4 << 10
	// bodyTimeout is for the first freeBody, however slow the network is.
	bodyTimeout = 10 * time.Second
	// What is longer holds memory for which others wait, and must come at this pace at least: half of what a phone has
	// whose volume is used up (128 kbit/s).
	bodyPace  = 8 << 10 // bytes a second
	bodyPause = 2 * time.Second

	retryAfter   = 2 * time.Second
	lastPatience = time.Second
	lastBytes    = 256 << 10
)

// past is a deadline that is over.
var past = time.Unix(1, 0)

var (
	errTooLarge = errors.New("the request is too large")
	errCrowded  = errors.New("too much is under way")
)

// calls takes in the whole request before the RPC sees it: as much as that RPC needs, at a pace, and as long as there
// is room. A slow sender holds a place and few bytes, never a handler.
type calls struct {
	known           map[string]Call // by path
	under, streams  *limit.Places
	bodies          *limit.Places
	patience, pause time.Duration
	next            http.Handler
}

// Calls guards a handler of RPCs; known are those that it answers, by their paths.
func Calls(known map[string]Call, limits Limits, next http.Handler) http.Handler {
	return newCalls(known, limits.orDefault(), next)
}

func newCalls(known map[string]Call, limits Limits, next http.Handler) *calls {
	return &calls{
		known: known, next: next, patience: bodyTimeout, pause: bodyPause,
		under: places("calls", limits.Calls), streams: places("streams", limits.Streams),
		bodies: places("bodies", limits.Bodies),
	}
}

func (c *calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, key := c.known[r.URL.Path], limit.Address(r.RemoteAddr)
	if call.Stream || call.MaxBody == 0 {
		call.MaxBody = freeBody
	}
	control := http.NewResponseController(w)
	place := c.under.Enter(key, func() { _ = control.SetReadDeadline(past) })
	if place == nil {
		turnAway(w, r, http.StatusServiceUnavailable, errCrowded)
		return
	}
	defer place.Leave()
	body, held, err := c.read(control, r, key, call.MaxBody)
	defer c.bodies.Give(key, held)
	if !place.Keep() {
		err = errCrowded
	}
	switch {
	case errors.Is(err, errTooLarge):
		turnAway(w, r, http.StatusRequestEntityTooLarge, err)
		return
	case errors.Is(err, errCrowded):
		turnAway(w, r, http.StatusServiceUnavailable, err)
		return
	case err != nil:
		turnAway(w, r, http.StatusBadRequest, err)
		return
	}
	if call.Stream {
		if !c.streams.Take(key, 1) {
			turnAway(w, r, http.StatusServiceUnavailable, errCrowded)
			return
		}
		defer c.streams.Give(key, 1)
		place.Leave() // it runs long
		// A proxy in front must not gather up what is sent: nginx does by default, and then not even the head comes
		// through.
		w.Header().Set("X-Accel-Buffering", "no")
	}
	_ = control.SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.next.ServeHTTP(w, r)
}

// read takes in a body of at most most bytes and tells how many of them it took from c.bodies. Room is made as bytes
// come: what a request announces costs nobody anything.
func (c *calls) read(
	control *http.ResponseController, r *http.Request, key string, most int,
) (body []byte, held int, err error) {
	if r.ContentLength > int64(most) {
		return nil, 0, errTooLarge
	}
	_ = control.SetReadDeadline(time.Now().Add(c.patience))
	body = make([]byte, 0, 512)
	for {
		if len(body) == cap(body) {
			size := min(2*cap(body), most+1) // one more shows that there is too much
			if more := size - max(cap(body), freeBody); more > 0 {
				if !c.bodies.Take(key, more) {
					return nil, held, errCrowded
				}
				held += more
				_ = control.SetReadDeadline(time.Now().Add(c.pause + time.Duration(more)*time.Second/bodyPace))
			}
			body = append(make([]byte, 0, size), body...)
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > most:
			return nil, held, errTooLarge
		case errors.Is(err, io.EOF):
			return body, held, nil
		case err != nil:
			return nil, held, err
		}
	}
}

var refusals = connect.NewErrorWriter()

// turnAway answers a call before anybody looks at it, in words that its page understands; another caller hears the
// status. Of a request that is too large the rest is dropped as it comes, for a moment: somebody pasted a long text,
// and is to come to read the answer.
func turnAway(w http.ResponseWriter, r *http.Request, status int, cause error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(past)
	if status == http.StatusRequestEntityTooLarge {
		_ = control.SetReadDeadline(time.Now().Add(lastPatience))
		_, _ = io.CopyN(io.Discard, r.Body, lastBytes)
	}
	var refusal *connect.Error
	switch status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		refusal = access.TooMany(r.Context(), retryAfter, cause)
	case http.StatusRequestEntityTooLarge:
		refusal = access.Error(r.Context(), connect.CodeInvalidArgument,
			portalv1.Reason_REASON_FIELD_TOO_LONG, "", cause)
	default:
		refusal = access.Error(r.Context(), connect.CodeInvalidArgument, portalv1.Reason_REASON_UNSPECIFIED, "", cause)
	}
	if r.Method == http.MethodPost && refusals.IsSupported(r) {
		_ = refusals.Write(w, r, refusal) // whoever asked may have gone
		return
	}
	http.Error(w, cause.Error(), status)
}

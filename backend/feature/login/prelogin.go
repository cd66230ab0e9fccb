package login

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
)

// A browser is known before the login by a cookie of its own, so that what a challenge was given to is what brings the
// proof: a challenge fetched in one browser is worth nothing in another. The cookie says nothing of the person and ends
// with the browser.
const (
	PreLoginCookie = "__Host-browser"

	browserLife  = time.Hour
	browserFresh = browserLife - 2*Lifetime // an older one is replaced, so that it outlives the challenge
	browserSize  = 16 + 8 + 32              // random, end (milliseconds), seal
)

// browserOf gives the random part of the caller's cookie, or nil when there is none of ours that still counts; left is
// for how long.
func (s *Service) browserOf(ctx context.Context) (random []byte, left time.Duration) {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return nil, 0
	}
	request := http.Request{Header: call.RequestHeader()}
	for _, cookie := range request.CookiesNamed(PreLoginCookie) {
		value, err := base64.RawURLEncoding.Strict().DecodeString(cookie.Value)
		if err != nil || len(value) != browserSize || !s.cookies.Verify(value[24:], value[:24]) {
			continue
		}
		left := time.UnixMilli(int64(binary.BigEndian.Uint64(value[16:24]))).Sub(s.Now())
		if left > 0 && left <= browserLife { // from the future: the clock was set back
			return value[:16], left
		}
	}
	return nil, 0
}

// knowBrowser gives the caller's browser a cookie unless it has one that lasts.
func (s *Service) knowBrowser(ctx context.Context) (random []byte) {
	random, left := s.browserOf(ctx)
	if random != nil && left > browserLife-browserFresh {
		return random
	}
	value := make([]byte, 24, browserSize)
	_, _ = rand.Read(value[:16])
	if random != nil {
		copy(value, random) // the challenges of its other tabs go on
	}
	binary.BigEndian.PutUint64(value[16:], uint64(s.Now().Add(browserLife).UnixMilli()))
	value = append(value, s.cookies.Sum(value[:24])...)
	if call, ok := connect.CallInfoForHandlerContext(ctx); ok {
		call.ResponseHeader().Add("Set-Cookie", (&http.Cookie{
			Name: PreLoginCookie, Value: base64.RawURLEncoding.EncodeToString(value), Path: "/",
			HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode,
		}).String())
	}
	return value[:16]
}

// bound is what a challenge is bound to: to log in, the browser; to show the card again, the session. Empty when there
// is neither.
func bound(ctx context.Context, purpose string, browser []byte) []byte {
	if purpose == PurposeLogin {
		return browser
	}
	return []byte(access.FromContext(ctx).SessionHash)
}

//go:build !js

package rpc

import (
	"errors"
	"net/http"

	"connectrpc.com/connect"
)

// Outside a browser there is no portal to call: pages are only prerendered, and say so if they try.
func transport() connect.HTTPClient { return noTransport{} }

func origin() string { return "http://localhost" }

type noTransport struct{}

func (noTransport) Do(*http.Request) (*http.Response, error) {
	return nil, errors.New("no portal can be called from here")
}

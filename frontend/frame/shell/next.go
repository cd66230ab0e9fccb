package shell

import (
	"net/url"
	"path"
	"strings"
)

// HomePath is where a person begins who is logged in.
const HomePath = "/home"

const homePath = HomePath

// SearchPath is the field that finds everything.
const SearchPath = "/#ask"

// Destination is where the person wanted to go before something came in between (a login, the first registration): the
// `next` of this address if it is a path of this site, the home page otherwise.
func Destination(here *url.URL) string {
	wanted, err := url.Parse(here.Query().Get("next"))
	if err != nil || wanted.Scheme != "" || wanted.Host != "" || wanted.User != nil || wanted.Opaque != "" {
		return homePath
	}
	if !strings.HasPrefix(wanted.Path, "/") || strings.HasPrefix(wanted.Path, "//") ||
		strings.ContainsAny(wanted.Path, "\\\x00") {
		return homePath
	}
	switch {
	case path.Clean(wanted.Path) != wanted.Path, wanted.Path == "/", wanted.Path == "/login",
		wanted.Path == "/account/open":
		return homePath
	}
	return (&url.URL{Path: wanted.Path, RawQuery: wanted.RawQuery}).String()
}

// WithNext is an address that remembers where to go afterwards.
func WithNext(address, next string) string {
	if next == "" || next == "/" || next == homePath {
		return address
	}
	return address + "?next=" + url.QueryEscape(next)
}

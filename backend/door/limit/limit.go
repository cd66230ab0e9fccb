// Package limit keeps one caller from taking what is there for all: Buckets of what may be done, which fill again with
// time; Places, which are held and given back; both by key (an address, a card, a person) and bounded in number. And it
// says what one connection may hold. What is limited, and what a refused caller hears, is its users' business.
package limit

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"madoguchi/backend/store/audit"
)

// Address is the key of a caller's address, with a port or without: of IPv6 its /64, which is what one subscriber has.
// "" for what is no address; all who have none share one key.
func Address(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if parsed = parsed.Unmap().WithZone(""); parsed.Is4() {
		return parsed.String()
	}
	network, err := parsed.Prefix(64)
	if err != nil {
		return ""
	}
	return network.String()
}

// tellEvery is how often a limit that is reached again and again is told of.
const tellEvery = time.Minute

// teller writes into the security log that a limit was reached, seldom enough that who reaches it cannot fill the log.
type teller struct {
	limit string
	told  time.Time
}

func (t *teller) tell(key string, now time.Time) {
	if !t.told.IsZero() && now.Sub(t.told) < tellEvery {
		return
	}
	t.told = now
	attributes := []slog.Attr{slog.String("limit", t.limit)}
	address, _, _ := strings.Cut(key, "/")
	if from := audit.Coarse(address); from != "" {
		attributes = append(attributes, slog.String("from", from))
	}
	audit.Log(context.Background(), audit.LimiterEmptied, attributes...)
}

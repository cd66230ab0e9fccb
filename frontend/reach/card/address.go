package card

import (
	"net/netip"
	"strings"
	"sync"
)

const defaultAddress = "127.0.0.1:41729"

// Shared is the page's one bridge.
var Shared = sync.OnceValue(func() *Bridge {
	b := NewBridge(surroundings())
	b.after = after
	return b
})

var after <-chan struct{}

// After has the page's bridge be looked for only when first is closed, by which something else comes first. It is said
// before anybody asks for the bridge.
func After(first <-chan struct{}) { after = first }

// parseAddresses reads a comma list of host:port and keeps what is loopback: a page never looks for readers elsewhere.
func parseAddresses(list string) []string {
	var found []string
	for part := range strings.SplitSeq(list, ",") {
		address, err := netip.ParseAddrPort(strings.TrimSpace(part))
		if err == nil && address.Addr().IsLoopback() {
			found = append(found, address.String())
		}
	}
	if len(found) == 0 {
		return []string{defaultAddress}
	}
	return found
}

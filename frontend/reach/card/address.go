package card

import (
	"net/netip"
	"strings"
	"sync"
)

const defaultAddress = "127.0.0.1:41729"

// Shared is the page's one bridge.
var Shared = sync.OnceValue(func() *Bridge { return NewBridge(surroundings()) })

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

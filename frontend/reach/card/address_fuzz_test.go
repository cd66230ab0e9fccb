package card

import (
	"net/netip"
	"testing"
)

func FuzzAddresses(f *testing.F) {
	f.Add("127.0.0.1:41729, [::1]:41729,10.0.0.1:1")
	f.Add("localhost:1")
	f.Fuzz(func(t *testing.T, list string) {
		for _, a := range parseAddresses(list) {
			if address, err := netip.ParseAddrPort(a); err != nil || !address.Addr().IsLoopback() {
				t.Errorf("%q leads to %s", list, a)
			}
		}
	})
}

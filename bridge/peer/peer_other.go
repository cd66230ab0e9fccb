//go:build !linux

package peer

import "net/netip"

// SameUser lets every peer pass: this system does not tell whose it is.
func SameUser(netip.AddrPort, netip.AddrPort) error {
	return nil
}

// Package peer says whose the other end of a connection over loopback is. Only Linux tells (/proc/net/tcp, tcp6); on
// other systems every peer passes, and whoever else uses the machine can reach the bridge.
package peer

import "errors"

// ErrAnotherUser: the other end belongs to another user of this machine, or it is not known to whom.
var ErrAnotherUser = errors.New("the program that asks is another user's")

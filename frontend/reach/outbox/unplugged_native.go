//go:build !js

package outbox

func unplugged() bool { return false }

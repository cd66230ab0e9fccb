package card

import (
	"encoding/json"
	"strconv"
	"strings"
)

// What this page speaks with a bridge: path and subprotocol of the WebSocket, and the number that both end with.
const (
	version     = 2
	family      = "madoguchi.bridge.v"
	subprotocol = family + "2"
	path        = "/v2"
)

// Health is what a first knock at a bridge's address brought.
type Health int

const (
	// Silent: nothing answers, or the browser does not let the page ask.
	Silent Health = iota
	// Foreign: something answers, but not to this site.
	Foreign
	// Older: a bridge answers that does not speak what this page speaks, but only older things.
	Older
	// Newer: a bridge answers that speaks newer things, and no longer what this page speaks.
	Newer
	// Alive: a bridge answers that speaks what this page speaks.
	Alive
)

// healthOf reads what a bridge says of itself at /health. The first bridges did not tell what they speak.
func healthOf(body []byte) Health {
	var said struct {
		Protocols []string `json:"protocols"`
	}
	if json.Unmarshal(body, &said) != nil {
		return Foreign
	}
	health := Older
	for _, protocol := range said.Protocols {
		number, ours := strings.CutPrefix(protocol, family)
		n, err := strconv.Atoi(number)
		switch {
		case protocol == subprotocol:
			return Alive
		case ours && err == nil && n > version:
			health = Newer
		}
	}
	return health
}

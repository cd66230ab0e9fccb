// Package agent names the device of a call by what its browser says of itself.
package agent

import (
	"context"
	"strings"

	"connectrpc.com/connect"
)

// What a browser says it is, and the system that it says it runs on. The first that is found counts: several say that
// they are others, too.
var (
	browsers = [][2]string{
		{"Edg", "Edge"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"}, {"Chrom", "Chrome"}, {"CriOS", "Chrome"},
		{"Safari", "Safari"},
	}
	systems = [][2]string{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"},
		{"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// Name is how a person tells the device of a call from others: "Firefox, Linux". It is empty where the browser says
// nothing that is known here.
func Name(ctx context.Context) string {
	call, ok := connect.CallInfoForHandlerContext(ctx)
	if !ok {
		return ""
	}
	agent := call.RequestHeader().Get("User-Agent")
	var parts []string
	for _, list := range [][][2]string{browsers, systems} {
		for _, known := range list {
			if strings.Contains(agent, known[0]) {
				parts = append(parts, known[1])
				break
			}
		}
	}
	return strings.Join(parts, ", ")
}

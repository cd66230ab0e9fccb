package main

import (
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
)

// badPorts are those to which no browser connects (https://fetch.spec.whatwg.org/#bad-port).
var badPorts = []uint16{
	1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
	111, 113, 115, 117,
	119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556,
	563, 587, 601, 636,
	989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
	6679, 6697, 10080,
}

// refusedByBrowsers says which of the addresses that pages use have a port to which no browser connects.
func refusedByBrowsers(services []listener) (warnings []string) {
	for _, l := range services {
		if l.setting == "PORTAL_GATEWAY_ADDRESS" || l.setting == "SANDBOX_SMTP_ADDRESS" {
			continue
		}
		_, port, err := net.SplitHostPort(l.address)
		if err != nil {
			continue // checkPorts says so
		}
		number, err := strconv.ParseUint(port, 10, 16)
		if err == nil && slices.Contains(badPorts, uint16(number)) {
			warnings = append(warnings, fmt.Sprintf(
				"browsers refuse port %s (ERR_UNSAFE_PORT): set %s to another", port, l.setting,
			))
		}
	}
	return warnings
}

// opener is the program that shows an address in the person's browser; "" where there is none to be opened.
func opener(getenv func(string) string, look func(string) (string, error)) string {
	if getenv("OPEN") == "no" || getenv("CI") != "" || getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" {
		return ""
	}
	path, err := look("xdg-open")
	if err != nil {
		return ""
	}
	return path
}

// open shows the portal in the browser, which lives on after the end of this program.
func (h *house) open() {
	if h.opener == "" {
		return
	}
	cmd := exec.Command(h.opener, h.settings["PORTAL_ORIGIN"])
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		h.out.say("dev", "opening the browser: "+err.Error())
		return
	}
	h.out.say("dev", "opening the browser; OPEN=no leaves that to you")
	go func() { _ = cmd.Wait() }()
}

package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// checkPorts says which of the addresses cannot be listened on, and who holds them; nil when all are free.
func checkPorts(services []listener) error {
	var errs []error
	for _, s := range services {
		if err := checkPort(s); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// listener is an address that a program will listen on, and the setting that moves it.
type listener struct{ address, setting string }

func checkPort(l listener) error {
	held, err := net.Listen("tcp", l.address)
	if err == nil {
		return held.Close()
	}
	_, port, splitErr := net.SplitHostPort(l.address)
	if splitErr != nil {
		return fmt.Errorf("%s=%s is not an address like 127.0.0.1:8080", l.setting, l.address)
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("cannot listen on %s (%w): set %s", l.address, err, l.setting)
	}
	who := "another program"
	if number, err := strconv.ParseUint(port, 10, 16); err == nil {
		if name := holder(uint16(number)); name != "" {
			who = name
		}
	}
	return fmt.Errorf("port %s is in use by %s: set %s or stop it", port, who, l.setting)
}

// holder names the process that listens on a TCP port, from /proc; empty where that cannot be told.
func holder(port uint16) string {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		listening(table, port, inodes)
	}
	if len(inodes) == 0 {
		return ""
	}
	files, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, file := range files {
		target, err := os.Readlink(file)
		if err != nil {
			continue
		}
		inode, ok := strings.CutPrefix(target, "socket:[")
		if !ok || !inodes[strings.TrimSuffix(inode, "]")] {
			continue
		}
		pid := strings.Split(file, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm")
		if err != nil {
			continue
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}

// listening collects the inodes of the sockets that listen on a port.
func listening(table string, port uint16, inodes map[string]bool) {
	f, err := os.Open(table)
	if err != nil {
		return
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// sl, local address as hex ip:port, remote, state (0A is LISTEN), …, inode as the tenth
		fields := strings.Fields(lines.Text())
		if len(fields) < 10 || fields[3] != "0A" {
			continue
		}
		if strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
			inodes[fields[9]] = true
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// limitMemory gives the Go runtime a limit, so that it collects harder before the kernel ends the process: what the
// setting says, or nine tenths of what the control group allows. Where GOMEMLIMIT is set, or neither is there,
// everything stays as it is.
func limitMemory(setting string, getenv func(string) string, system fs.FS) error {
	if setting == "" && getenv("GOMEMLIMIT") != "" {
		return nil
	}
	most := groupLimit(system) / 10 * 9
	if setting != "" {
		var err error
		if most, err = parseBytes(setting); err != nil {
			return fmt.Errorf("%w (PORTAL_MEMORY)", err)
		}
	}
	if most <= 0 {
		return nil
	}
	debug.SetMemoryLimit(most)
	slog.Info("memory is limited", "mib", most>>20)
	return nil
}

const leastMemory = 64 << 20

// parseBytes reads a size such as 512MiB.
func parseBytes(s string) (int64, error) {
	for unit, size := range map[string]int64{"MiB": 1 << 20, "GiB": 1 << 30} {
		number, ok := strings.CutSuffix(s, unit)
		if !ok {
			continue
		}
		if n, err := strconv.ParseInt(number, 10, 32); err == nil && n*size >= leastMemory {
			return n * size, nil
		}
	}
	return 0, fmt.Errorf("the memory %q is not a size such as 512MiB or 2GiB, and at least %d MiB", s, leastMemory>>20)
}

// groupLimit is the least that the process's control groups allow (version 2, or 1); 0 when none says.
func groupLimit(system fs.FS) int64 {
	groups, err := fs.ReadFile(system, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := int64(math.MaxInt64)
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		mount, file := "sys/fs/cgroup", "memory.max"
		switch {
		case parts[1] == "memory":
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		case parts[0] != "0":
			continue
		}
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			data, err := fs.ReadFile(system, path.Join(mount, group, file))
			n, parseErr := strconv.ParseInt(string(bytes.TrimSpace(data)), 10, 64)
			if err == nil && parseErr == nil && n > 0 {
				least = min(least, n)
			}
			if group == "/" {
				break
			}
		}
	}
	if least > math.MaxInt64/2 { // version 1 writes a number without meaning for "no limit"
		return 0
	}
	return least
}

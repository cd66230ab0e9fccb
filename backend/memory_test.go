package main

import (
	"math"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMemoryIsLimited(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	inside := fstest.MapFS{"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/memory.max": file("1073741824\n")}
	for name, c := range map[string]struct {
		setting, given string
		system         fstest.MapFS
		want           int64
	}{
		"nothing is known": {"", "", fstest.MapFS{}, math.MaxInt64},
		"no group says": {
			"", "", fstest.MapFS{"proc/self/cgroup": file("0::/a\n"), "sys/fs/cgroup/a/memory.max": file("max\n")},
			math.MaxInt64,
		},
		"a container": {"", "", inside, 1073741824 / 10 * 9},
		"a group within": {
			"", "", fstest.MapFS{
				"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/memory.max": file("200000000\n"),
				"sys/fs/cgroup/a/b/memory.max": file("max"),
			}, 180_000_000,
		},
		"version 1": {
			"", "", fstest.MapFS{
				"proc/self/cgroup": file("9:cpu:/a\n7:memory:/a\n"),
				"sys/fs/cgroup/memory/a/memory.limit_in_bytes": file("500000000\n"),
			}, 450_000_000,
		},
		"version 1, unlimited": {
			"", "", fstest.MapFS{
				"proc/self/cgroup":                           file("7:memory:/\n"),
				"sys/fs/cgroup/memory/memory.limit_in_bytes": file("9223372036854771712\n"),
			}, math.MaxInt64,
		},
		"GOMEMLIMIT":  {"", "100MiB", inside, math.MaxInt64},
		"the setting": {"512MiB", "100MiB", inside, 512 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			before := debug.SetMemoryLimit(math.MaxInt64)
			defer debug.SetMemoryLimit(before)
			if err := limitMemory(c.setting, func(string) string { return c.given }, c.system); err != nil {
				t.Fatal(err)
			}
			if got := debug.SetMemoryLimit(-1); got != c.want {
				t.Errorf("limited to %d, want %d", got, c.want)
			}
		})
	}
	for _, bad := range []string{"512", "512MB", "1MiB", "-1GiB", "a lot", "9999999999GiB"} {
		err := limitMemory(bad, func(string) string { return "" }, inside)
		if err == nil || !strings.Contains(err.Error(), "PORTAL_MEMORY") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

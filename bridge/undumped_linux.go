package main

import (
	"fmt"
	"syscall"
)

// prSetDumpable is of prctl(2).
const prSetDumpable = 4

// undumped has the system write no core of this process, wherever such are sent, and lets no other program of the same
// user look into it: a PIN passes through.
func undumped() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("forbidding cores: %w", err)
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0); errno != 0 {
		return fmt.Errorf("forbidding cores: %w", errno)
	}
	return nil
}

//go:build unix && !linux

package main

import "syscall"

// ownGroup gives a child a process group, so that what it starts ends with it.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

package main

import "syscall"

// ownGroup gives a child a process group, so that what it starts ends with it, and ends it when this program is killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// Package pcscdtest starts the real pcscd with the real vpcd for tests, and lays cards in software into its two slots.
// A machine has one pcscd: test processes take turns. It installs nothing; when Debian's packages are missing the test
// fails and says which.
package pcscdtest

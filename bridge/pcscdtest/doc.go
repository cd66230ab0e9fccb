// Package pcscdtest starts the real pcscd for tests: with the real vpcd, in whose two slots cards in software are laid;
// or with a driver of our own (keypad) that is a reader with keys.
//
// A machine has one pcscd: test processes take turns. It installs nothing; when Debian's packages are missing the test
// fails and says which.
package pcscdtest

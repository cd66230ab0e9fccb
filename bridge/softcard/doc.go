// Package softcard is a My Number Card in software for development, tests and kiosks under test: its files, PINs,
// counters, status words and quirks; invented people; and a test CA with the profile of JPKI. It answers APDUs as a
// Transmitter and speaks the wire of vpcd, so that software that nobody here wrote can use it through the real pcscd.
//
// It is no security: every private key in it is public. A portal trusts these cards only when it is told to by CAPEM.
package softcard

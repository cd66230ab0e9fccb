// Package wire reads and writes messages of the contract, for the page and for what page and programs share: in a
// browser by package bare, for the page's weight, elsewhere by the runtime of Protocol Buffers. Both write the same
// bytes.
package wire

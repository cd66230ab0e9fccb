// Package browser holds the few moves that all syscall/js code of the page needs: waiting for a promise, carrying bytes
// over, handing a file or an address to the person, and waiting for what they see first. Outside a browser it does
// nothing.
package browser

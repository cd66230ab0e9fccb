// Package browser holds the few moves that all syscall/js code of the page needs: waiting for a promise, carrying bytes
// over, and handing a file or an address to the person. Outside a browser it does nothing.
package browser

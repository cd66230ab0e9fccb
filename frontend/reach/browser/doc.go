// Package browser holds the few moves that all syscall/js code of the page needs: waiting for a promise and carrying
// bytes over. Outside a browser it is empty.
package browser

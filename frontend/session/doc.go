// Package session knows who is logged in, when that ends, and keeps the tabs of one browser of one mind about it.
package session

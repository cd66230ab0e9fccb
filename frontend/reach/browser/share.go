package browser

// Shared is what became of sharing: copied, or an address to copy by hand; the zero Shared has nothing to say.
type Shared struct {
	Copied  bool
	Address string
}

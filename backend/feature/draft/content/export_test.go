package content

// Unpack has a picture of somebody else's be unpacked until free is called.
func Unpack() (free func()) {
	unpacking <- struct{}{}
	return func() { <-unpacking }
}

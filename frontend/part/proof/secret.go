package proof

// Typed gives what stands in a field for a PIN as bytes, with room for one more. It never becomes a string of Go;
// whoever calls it clears it.
func Typed(id string) []byte { return typed(id) }

// Retype puts bytes into a field for a PIN; nil empties it.
func Retype(id string, text []byte) { retype(id, text) }

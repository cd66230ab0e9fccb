package catalog

import "testing"

// Every definition written so far can be read; TestEveryProcedureIsWritten says what is missing.
func TestDefinitionsCanBeRead(t *testing.T) {
	if _, err := read(); err != nil {
		t.Fatal(err)
	}
}

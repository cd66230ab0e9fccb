//go:build !js

package pack

// Style says what is wrong with a folder of sheets.
func Style(static string) error {
	_, err := style(static)
	return err
}

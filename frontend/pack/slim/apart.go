//go:build !js

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// go-app draws anew not only the component in which something was done, but all around it: each letter that is typed
// into a page has the header, the menu and the footer made again and compared, which takes as long as the page. The
// copy stops at a component that says of itself (Apart) that nothing around it shows what is done in it. What it says
// changes between two frames at most, so that PreventUpdate takes back what Dispatch asked for.
const apart = `package app

// stands apart says that what stands around a component does not change with what is done in it.
func standsApart(c Composer) bool {
	a, ok := c.(interface{ Apart() bool })
	return ok && a.Apart()
}
`

// within are the places of go-app's context.go that go through the components around an element.
var within = [][2]string{
	{`		for c, ok := component(ctx.sourceElement); ok; c, ok = component(c.parent()) {
			ctx.addComponentUpdate(c, 1)
`, `		for c, ok := component(ctx.sourceElement); ok && !standsApart(c); c, ok = component(c.parent()) {
			ctx.addComponentUpdate(c, 1)
`},
	{`	for c, ok := component(ctx.sourceElement); ok; c, ok = component(c.parent()) {
		ctx.addComponentUpdate(c, -1)
`, `	for c, ok := component(ctx.sourceElement); ok && !standsApart(c); c, ok = component(c.parent()) {
		ctx.addComponentUpdate(c, -1)
`},
}

// drawApart writes this into the copy of go-app.
func drawApart(out string) error {
	if err := os.WriteFile(filepath.Join(out, "pkg/app/apart.go"), []byte(apart), 0o644); err != nil {
		return fmt.Errorf("changing go-app: %w", err)
	}
	return change(filepath.Join(out, "pkg/app/context.go"), within)
}

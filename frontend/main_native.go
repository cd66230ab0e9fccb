//go:build !js

package main

import "madoguchi/frontend/pack"

// generate writes what the portal serves for the page.
func generate() { pack.Command(pack.Program{Name: "app", Path: "/"}) }

//go:build dev

package main

import (
	"madoguchi/frontend/feature/showroom"
	"madoguchi/frontend/frame/shell"
)

// inDevelopment is what the page of `make dev` has besides.
var inDevelopment = []shell.Feature{showroom.Feature}

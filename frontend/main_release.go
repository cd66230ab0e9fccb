//go:build !dev

package main

import "madoguchi/frontend/frame/shell"

// inDevelopment is what the page of `make dev` has besides: of a page for people, nothing.
var inDevelopment []shell.Feature

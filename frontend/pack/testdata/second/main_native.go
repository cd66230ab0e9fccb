//go:build !js

package main

import "madoguchi/frontend/pack"

func generate() { pack.Command(pack.Program{Name: "second", Path: "/second/"}) }

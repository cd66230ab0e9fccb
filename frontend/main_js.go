package main

import _ "madoguchi/frontend/frame/turn"

// generate is for the machine that builds; Run never returns in a browser.
func generate() {}

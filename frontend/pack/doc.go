//go:build !js

// Package pack writes everything that the portal serves for the page into a directory: prerendered pages, the program
// and its compressed copies, scripts, styles, icons, manifests, the service worker with the list of what it keeps,
// routes.json. What is where, and how it is to be served, stands in the package comment of frontend itself. It runs
// where the page is built, never in it.
package pack

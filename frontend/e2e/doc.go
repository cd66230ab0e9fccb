//go:build !js

// Package e2e is empty: its tests drive the built programs as a person would, in a real Chromium: page, bridge with its
// virtual reader, portal and sandbox together. They use what `make build` left in build/.
//
// A test begins with ownWorld, which names the people whose cards it lays: it then runs beside others, as many as go
// test's -parallel says, in a world of its own (portal, sandbox, bridge, readers). Each newBrowser is a context of the
// one Chromium, with storage, service workers and permissions of its own. A new page is inspected as soon as
// routes.json names it.
//
// What a test costs is contexts and pages that are loaded: who goes on within a page presses its links, or follows.
package e2e

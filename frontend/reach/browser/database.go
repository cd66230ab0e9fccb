package browser

import "errors"

// ErrNoDatabase: this browser keeps nothing. It was told so in its settings, or in a private window.
var ErrNoDatabase = errors.New("this browser keeps nothing")

// ErrFull: there is no room for more.
var ErrFull = errors.New("the device has no room")

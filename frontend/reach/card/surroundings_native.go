//go:build !js

package card

import (
	"context"
	"errors"
)

// Outside a browser (prerendering) nobody looks for a bridge.
type nowhere struct{}

func surroundings() Surroundings { return nowhere{} }

func (nowhere) Addresses() []string                   { return nil }
func (nowhere) Permission(context.Context) Permission { return PermissionUnknown }
func (nowhere) Knock(context.Context, string) Health  { return Silent }
func (nowhere) Blocks() string                        { return "" }
func (nowhere) Handheld() bool                        { return false }
func (nowhere) Dial(context.Context, string) (Socket, error) {
	return nil, errors.New("no bridge can be reached from here")
}

//go:build !js

package login

import "context"

func scanCode(context.Context) (string, error) { return "", errNoCamera }

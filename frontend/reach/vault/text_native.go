//go:build !js

package vault

import (
	"context"
	"strings"
)

func normal(words string) string { return strings.ToLower(words) }

func (k key) openAll(ctx context.Context, rows []row) []*blob {
	plain := make([]*blob, len(rows))
	for i, r := range rows {
		if one, err := k.open(ctx, r.data, r.bound()); err == nil {
			plain[i] = &one
		}
	}
	return plain
}

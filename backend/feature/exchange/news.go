package exchange

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

const (
	// firstFor is for how long the home page tells that an office asked for the first time.
	firstFor = 14 * 24 * time.Hour
	mostNews = 3
)

// ListExchangeNews gives what the home page tells of it.
func (s *Service) ListExchangeNews(
	ctx context.Context, _ *portalv1.ListExchangeNewsRequest,
) (*portalv1.ListExchangeNewsResponse, error) {
	q, folder := s.db.Read(), access.Subject(ctx)
	response := &portalv1.ListExchangeNewsResponse{}
	claims, err := s.claimsOf(ctx, q, folder)
	if err != nil {
		return nil, err
	}
	for _, number := range slices.Sorted(maps.Keys(claims)) {
		for _, c := range claims[number] {
			if c.GetState() <= claimExtended {
				response.Claims = append(response.Claims, &portalv1.ExchangeNews{
					Number: number, Office: c.GetOffice(), Due: c.GetDue(),
				})
			}
		}
	}
	slices.SortStableFunc(response.Claims, func(a, b *portalv1.ExchangeNews) int {
		return strings.Compare(a.GetDue(), b.GetDue())
	})
	response.Claims = response.GetClaims()[:min(len(response.GetClaims()), mostNews)]
	firsts, err := q.ExchangeFirsts(ctx, db.ExchangeFirstsParams{
		FolderID: folder, Since: s.now().Add(-firstFor).UnixMilli(),
	})
	if err != nil {
		return nil, fmt.Errorf("listing who asked for the first time: %w", err)
	}
	for _, row := range firsts {
		response.Firsts = append(response.Firsts, &portalv1.ExchangeNews{Number: row.Number, Office: row.Asker})
	}
	return response, nil
}

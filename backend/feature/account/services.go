package account

import (
	"context"
	"strings"

	"madoguchi/backend/door/access"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/folder"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// onHomePage is what the person has on the home page: names of services, with commas. What there is to choose from is
// the page's to know.
const onHomePage folder.Preference = "home.services"

// ChooseServices keeps which services the person has on the home page. No page is told: it is read with the next visit.
func (s *Service) ChooseServices(
	ctx context.Context, request *portalv1.ChooseServicesRequest,
) (*portalv1.ChooseServicesResponse, error) {
	chosen := strings.Join(request.GetServices(), ",")
	err := s.DB.Tx(ctx, func(q *db.Queries) error {
		return folder.Choose(ctx, q, access.Subject(ctx), onHomePage, chosen)
	})
	if err != nil {
		return nil, access.Gone(ctx, "keeping what the home page shows", err)
	}
	return &portalv1.ChooseServicesResponse{}, nil
}

func servicesIn(f folder.Folder) []string {
	if f.Chosen[onHomePage] == "" {
		return nil
	}
	return strings.Split(f.Chosen[onHomePage], ",")
}

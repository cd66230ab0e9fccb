package news

import (
	"madoguchi/backend/door/document"
	"madoguchi/backend/door/mount"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Feature declares what joins the portal.
func Feature(s *Service) mount.Feature {
	return mount.Feature{
		Name:      "news",
		Services:  []mount.Service{mount.Serve(portalv1connect.NewNewsServiceHandler)(s)},
		Documents: map[string]document.Func{"news": s.Document},
		Addresses: []string{"/news"},
	}
}

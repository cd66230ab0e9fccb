package takeaway

import (
	"net/http"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/db"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// The addresses beside the RPCs. They stay: what was taken along names them.
const (
	downloadPath     = "/takeaway/download"
	certificatesPath = "/takeaway/certificates.pem"
	stampsPath       = "/takeaway/stamp-authorities.pem"
)

// Feature declares what people take along; the house tells what there is.
func Feature(h *mount.House, s *Service) mount.Feature {
	s.tell, s.files, s.tables, s.parts = h.TellEach, h.FilesOf, h.Tables, h.Takeaways
	return mount.Feature{
		Name:     "takeaway",
		Services: []mount.Service{mount.Serve(portalv1connect.NewTakeawayServiceHandler)(s)},
		Answers: map[string]http.Handler{
			downloadPath:     http.HandlerFunc(s.download),
			certificatesPath: http.HandlerFunc(s.certificates),
			stampsPath:       http.HandlerFunc(s.stampAuthorities),
			paper.SchemaPath: http.HandlerFunc(schema),
		},
		Export: map[string]mount.Tell{"takeaway": mount.Rows((*db.Queries).TakeawaysOfFolder)},
	}
}

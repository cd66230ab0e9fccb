package draft

import (
	"net/http"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Merged is what changes come to, for tests.
type Merged struct {
	Fields, Conflicts, News []*portalv1.DraftField
	Changed                 bool
}

// Merge is merge, for tests.
func Merge(there, changes []*portalv1.DraftField, next int64) Merged {
	m := merge(there, changes, next)
	return Merged{m.fields, m.conflicts, m.news, m.changed}
}

// Download answers /draft/attachment.
func (s *Service) Download(w http.ResponseWriter, r *http.Request) { s.download(w, r) }

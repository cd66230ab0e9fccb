// Package inquiry is お問い合わせ: a person asks the portal's operator or an office, and reads in the portal what they
// answered. Offices answer by the gateway, the operator by `portal inquiries`. A case about something that was not the
// person's doing (これは私ではない) is one, too.
package inquiry

import (
	"time"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/store/db"
	"madoguchi/proto/gen/office/v1/officev1connect"
	"madoguchi/proto/gen/portal/v1/portalv1connect"
)

// Duty is what an office must be registered for to be asked.
const Duty = "inquiry"

// Service answers the calls of portal.v1.InquiryService, and what the operator does.
type Service struct {
	db  *db.DB
	now func() time.Time
}

// New makes the service.
func New(d *db.DB, now func() time.Time) *Service { return &Service{db: d, now: now} }

// Intake answers the calls of office.v1.InquiryService.
type Intake struct {
	*Service
	wake func() // called after a mail was enqueued
}

// Feature declares what joins the portal.
func Feature(h *mount.House, s *Service) mount.Feature {
	return mount.Feature{
		Name: "inquiry",
		Services: []mount.Service{
			mount.Serve(portalv1connect.NewInquiryServiceHandler)(s),
			mount.Serve(officev1connect.NewInquiryServiceHandler)(&Intake{s, h.Wake}),
		},
		Duties: []mount.Duty{{Name: Duty, Prefectures: true}},
		// Which go with the folder's row: no Erase.
		Export: map[string]mount.Tell{
			"inquiry":         mount.Rows((*db.Queries).InquiriesOfFolder),
			"inquiry_message": mount.Rows((*db.Queries).InquiryMessagesOfFolder),
		},
	}
}

// NewIntake makes the offices' side; wake is called after a mail was enqueued.
func NewIntake(s *Service, wake func()) *Intake { return &Intake{s, wake} }

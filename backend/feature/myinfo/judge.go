package myinfo

import (
	"errors"
	"time"

	officev1 "madoguchi/proto/gen/office/v1"
)

// Judge says of an answer to a detail what the portal would make of it: the values that cannot be read, by their
// places; or that all of it cannot, and where.
func Judge(detail string, answer *officev1.AnswerInformationRequest, today time.Time) (unreadableValues []string,
	field string, err error) {
	if answer.GetUnavailable() != nil {
		return nil, "", nil
	}
	_, where, err := convert(detail, answer, today)
	if bad, ok := errors.AsType[*unreadable](err); ok {
		return nil, bad.field, bad.why
	}
	return where, "", err
}

package myinfo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/live"
	"madoguchi/backend/store/db"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// Service answers the calls of portal.v1.MyInfoService. Who may call, and with what in each field, stands in the
// contract.
type Service struct {
	db    *db.DB
	store store
	bell  *bell // for offices that wait
	now   func() time.Time
	file  fileMaker
}

const (
	answered = int64(portalv1.InfoState_INFO_STATE_ANSWERED)
	ended    = int64(portalv1.InfoState_INFO_STATE_ENDED)
)

// refusal is an error that a call is to be answered with, from within a transaction.
type refusal struct {
	code   connect.Code
	reason portalv1.Reason
	field  string
	why    error
}

func (r *refusal) Error() string { return r.why.Error() }

func refuse(code connect.Code, reason portalv1.Reason, field, why string) error {
	return &refusal{code, reason, field, errors.New(why)}
}

func invalid(field string, why error) error {
	return &refusal{connect.CodeInvalidArgument, portalv1.Reason_REASON_INVALID_FIELD, field, why}
}

func notFound(field, why string) error {
	return refuse(connect.CodeNotFound, portalv1.Reason_REASON_NOT_FOUND, field, why)
}

// told makes of what a transaction came to what the caller is told.
func told(ctx context.Context, doing string, err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		return access.Error(ctx, r.code, r.reason, r.field, r.why)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func changed(ctx context.Context, q *db.Queries, folder, about string) error {
	return live.Tell(ctx, q, folder, portalv1.ChangeKind_CHANGE_KIND_MYINFO, about)
}

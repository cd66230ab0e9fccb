package myinfo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/office"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/page"
	officev1 "madoguchi/proto/gen/office/v1"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/selfinfo"
)

// What protects a person from others who may look at what is theirs takes effect where an answer is taken in, so that
// nothing of it is ever kept: there is nothing to be found in a copy, on a device, in what is taken along. An answer
// that is wholly hidden is one that says 該当なし, as any other that does; it comes when the office answers.
const (
	dutyInsurer = "insurer-flags"
	dutySupport = "support-measures"
)

var protections = map[officev1.Protection]string{ // the duty of who may set it
	officev1.Protection_PROTECTION_NOT_DISCLOSED: dutyInsurer,
	officev1.Protection_PROTECTION_NOT_PROVIDED:  dutyInsurer,
	officev1.Protection_PROTECTION_SUPPORT:       dutySupport,
}

// hides says what a flag hides of a detail: all of it, or the items that tell where somebody is.
func hides(flag officev1.Protection, c selfinfo.Category) (all, places bool) {
	switch flag {
	case officev1.Protection_PROTECTION_NOT_PROVIDED:
		return c.Medical, false
	case officev1.Protection_PROTECTION_NOT_DISCLOSED:
		return false, c.Medical
	case officev1.Protection_PROTECTION_SUPPORT:
		return c.Household, true
	}
	return false, false
}

// somePlace stands for the name of a municipality that would tell where somebody is.
const somePlace = "○○市区町村"

// masks says whether it is not told which municipality it is that holds something about a person, or is asked for it:
// who looks over their shoulder, or into what a device keeps, is not to know where they live.
func masks(ctx context.Context, q *db.Queries, folder string) (bool, error) {
	flags, err := q.MyinfoFlags(ctx, folder)
	if err != nil {
		return false, fmt.Errorf("reading what protects a person: %w", err)
	}
	return slices.Contains(flags, int64(officev1.Protection_PROTECTION_SUPPORT)), nil
}

// protect takes out of an answer what the flags of the person hide.
func (i *Intake) protect(
	ctx context.Context, q *db.Queries, folder, key string, answer *portalv1.InfoAnswer,
) error {
	flags, err := q.MyinfoFlags(ctx, folder)
	if err != nil {
		return fmt.Errorf("reading what protects a person: %w", err)
	}
	detail, category, _ := selfinfo.DetailOf(key)
	for _, flag := range flags {
		all, places := hides(officev1.Protection(flag), category)
		if all {
			hideAll(answer)
			return nil
		}
		if places {
			hidePlaces(answer, detail)
		}
	}
	return nil
}

// Protected says what protects a person at this moment: whether a flag of an insurer does, and which offices have
// support measures.
func Protected(ctx context.Context, q *db.Queries, folder string) (insurance bool, offices []string, err error) {
	rows, err := q.MyinfoProtected(ctx, folder)
	if err != nil {
		return false, nil, fmt.Errorf("reading what protects a person: %w", err)
	}
	for _, row := range rows {
		if officev1.Protection(row.Flag) == officev1.Protection_PROTECTION_SUPPORT {
			offices = append(offices, row.OfficeID)
			continue
		}
		insurance = true
	}
	return insurance, offices, nil
}

// hideAll leaves what any office answers that has nothing.
func hideAll(answer *portalv1.InfoAnswer) {
	asOf := answer.GetAsOf()
	proto.Reset(answer)
	answer.AsOf, answer.Outcome = asOf, portalv1.InfoOutcome_INFO_OUTCOME_NONE
}

// hidePlaces drops the items that tell where somebody is, as if the office had not sent them, and its words.
func hidePlaces(answer *portalv1.InfoAnswer, detail selfinfo.Detail) {
	answer.Reason = ""
	answer.Unreadable = 0
	answer.Records = slices.DeleteFunc(answer.Records, func(r *portalv1.InfoRecord) bool {
		r.Values = slices.DeleteFunc(r.Values, func(v *portalv1.InfoValue) bool {
			item, _ := detail.Item(v.GetItem())
			return item.Place
		})
		for _, v := range r.Values {
			if v.State == portalv1.InfoValueState_INFO_VALUE_STATE_UNREADABLE {
				answer.Unreadable++
			}
		}
		return len(r.Values) == 0
	})
	if answer.Outcome == portalv1.InfoOutcome_INFO_OUTCOME_DATA && len(answer.Records) == 0 {
		hideAll(answer)
	}
}

// SetProtection sets or lifts a flag, and erases what is kept of what it hides.
func (i *Intake) SetProtection(
	ctx context.Context, request *officev1.SetProtectionRequest,
) (*officev1.SetProtectionResponse, error) {
	caller := access.FromContext(ctx)
	needed, known := protections[request.GetProtection()]
	if !known {
		return nil, access.Invalid(ctx, "protection", errors.New("there is no such protection"))
	}
	if !slices.Contains(caller.OfficeDuties, needed) {
		return nil, access.Error(ctx, connect.CodePermissionDenied, portalv1.Reason_REASON_NOT_ALLOWED, "protection",
			errors.New("the office has no duty for it"))
	}
	response := &officev1.SetProtectionResponse{}
	err := i.db.Erase(ctx, func(q *db.Queries) error {
		folder, err := office.FolderOf(ctx, q, caller.OfficeID, request.GetPerson())
		if errors.Is(err, db.ErrNotFound) {
			return notFound("person", "the office knows nobody by this identifier")
		}
		if err != nil {
			return err
		}
		flag := int64(request.GetProtection())
		if !request.GetOn() {
			lifted, err := q.MyinfoFlagLift(ctx, db.MyinfoFlagLiftParams{
				OfficeID: caller.OfficeID, Identifier: request.GetPerson(), Flag: flag,
			})
			response.Changed = lifted > 0
			return err
		}
		added, err := q.MyinfoFlagSet(ctx, db.MyinfoFlagSetParams{
			OfficeID: caller.OfficeID, Identifier: request.GetPerson(), Flag: flag, SetAt: i.now().UnixMilli(),
		})
		if err != nil {
			return err
		}
		if response.Changed = added > 0; !response.Changed {
			return nil
		}
		return eraseHidden(ctx, q, folder, request.GetProtection())
	})
	if err != nil {
		return nil, told(ctx, "setting what protects a person", err)
	}
	return response, nil
}

// eraseHidden erases the answers of which a flag hides something, and what the person wrote about them.
func eraseHidden(ctx context.Context, q *db.Queries, folder string, flag officev1.Protection) error {
	for _, c := range selfinfo.Categories() {
		all, places := hides(flag, c)
		for _, d := range c.Details {
			tells := slices.ContainsFunc(d.Items, func(i selfinfo.Item) bool { return i.Place })
			if !all && (!places || !tells) {
				continue
			}
			if _, err := q.MyinfoEraseDetail(ctx, db.MyinfoEraseDetailParams{FolderID: folder,
				Detail: d.Key}); err != nil {
				return err
			}
			_, err := q.MyinfoCorrectionsEraseDetail(ctx, db.MyinfoCorrectionsEraseDetailParams{
				FolderID: folder, Detail: d.Key,
			})
			if err != nil {
				return err
			}
		}
	}
	return newEdition(ctx, q, folder)
}

var flagPages = page.Limits{Usual: 100, Most: 1000}

// ListProtections lists what the office has set.
func (i *Intake) ListProtections(
	ctx context.Context, request *officev1.ListProtectionsRequest,
) (*officev1.ListProtectionsResponse, error) {
	size, err := flagPages.Size(request.GetPageSize())
	if err != nil {
		return nil, access.Invalid(ctx, "page_size", err)
	}
	from := access.FromContext(ctx).OfficeID
	all := page.Of("protections", from)
	parts, err := all.After(request.GetPageToken(), 2)
	if err != nil {
		return nil, access.Invalid(ctx, "page_token", err)
	}
	after, afterFlag := "", int64(0)
	if parts != nil {
		after = parts[0]
		if afterFlag, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
			return nil, access.Invalid(ctx, "page_token", page.ErrToken)
		}
	}
	rows, err := i.db.Read().MyinfoFlagsOfOffice(ctx, db.MyinfoFlagsOfOfficeParams{
		OfficeID: from, After: after, AfterFlag: afterFlag, Size: size,
	})
	if err != nil {
		return nil, fmt.Errorf("listing what protects people: %w", err)
	}
	response := &officev1.ListProtectionsResponse{}
	for _, row := range rows {
		response.Protections = append(response.Protections, &officev1.ProtectionEntry{
			Person: row.Identifier, Protection: officev1.Protection(row.Flag), SetAt: row.SetAt,
		})
	}
	if len(rows) == int(size) {
		last := rows[len(rows)-1]
		response.NextPageToken = all.Token(last.Identifier, strconv.FormatInt(last.Flag, 10))
	}
	return response, nil
}

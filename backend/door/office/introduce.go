package office

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
)

// JobIntroduce is the kind of the jobs that Introduce writes; Introducer.Job does them.
const JobIntroduce = "office.introduce"

type introduceJob struct {
	FolderID string `json:"folder_id"`
	Calmly   bool   `json:"calmly,omitempty"` // one of many that an office is told of for the first time
	Also     string `json:"also,omitempty"`   // an office elsewhere that the person asks something of
}

// JobIntroduceAll is the kind of the jobs that Gateway.Load writes for an office that is to know people for the first
// time; Introducer.AllJob does them.
const JobIntroduceAll = "office.introduce-all"

// Each goes through so many folders and leaves the rest to the next.
const introduceBatch = 200

type introduceAllJob struct {
	OfficeID string `json:"office_id"`
	After    string `json:"after"` // the last folder that has been looked at
}

// An order that an office sees is its own: the n-th person of one is not the n-th of another, nor the one who came at
// the same moment. What an office is to hear of waits for a part, drawn by lot, of the time that Persons.Within sets;
// then those who have waited enough are told of in an order drawn by lot. It hides whoever came within that time among
// the others who did: the fewer come, the less.
const whole = 1_000_000 // the whole time, in the parts of patience

// calm is how many times longer the people of existing folders wait for an office that is new, as they all begin to
// wait at once and are looked through in one order for all offices.
const calm = 24

func lot(n int64) (int64, error) {
	drawn, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		return 0, fmt.Errorf("drawing lots: %w", err)
	}
	return drawn.Int64(), nil
}

// Introduce has a person made known, after the transaction of q, to the offices that concern them: all national ones
// and that of the registered municipality. J-LIS seals the introductions; when it is out of reach the job waits, the
// person does not.
func Introduce(ctx context.Context, q *db.Queries, folderID string) error {
	return jobs.Enqueue(ctx, q, folderID, JobIntroduce, introduceJob{FolderID: folderID})
}

// IntroduceTo has a person made known also to an office that does not concern them any more, where they lived before.
func IntroduceTo(ctx context.Context, q *db.Queries, folderID, officeID string) error {
	return jobs.Enqueue(ctx, q, folderID, JobIntroduce, introduceJob{FolderID: folderID, Also: officeID})
}

// Leave ends a person's identifiers at municipalities other than the one given; at every office when it is "". The dead
// identifier stays, so that the office hears of it when the time has come; whose it was does not.
func Leave(ctx context.Context, q *db.Queries, folderID, municipalityCode string) error {
	known, err := q.OfficeOfFolder(ctx, folderID)
	if err != nil {
		return fmt.Errorf("finding the offices that know a person: %w", err)
	}
	stays := append(codes(municipalityCode), "")
	for _, k := range known {
		if municipalityCode != "" && slices.Contains(stays, k.MunicipalityCode) {
			continue
		}
		forgotten, err := q.OfficeForget(ctx, db.OfficeForgetParams{OfficeID: k.OfficeID, Identifier: k.Identifier})
		if err != nil {
			return fmt.Errorf("forgetting an identifier: %w", err)
		}
		if forgotten > 0 {
			continue
		}
		patience, err := lot(whole)
		if err != nil {
			return err
		}
		err = q.OfficeLeave(ctx, db.OfficeLeaveParams{
			OfficeID: k.OfficeID, Identifier: k.Identifier, ChangedAt: time.Now().UnixMilli(), Patience: patience,
		})
		if err != nil {
			return fmt.Errorf("ending an identifier: %w", err)
		}
	}
	return nil
}

// codes gives the codes under which a person registered in a municipality is addressed: its own, its city's if it is a
// ward, its prefecture's.
func codes(municipalityCode string) []string {
	m, known := municipality.ByCode(municipalityCode)
	list := []string{municipalityCode, m.Office(), ""}
	for _, p := range municipality.Prefectures() {
		if known && p.Code[:2] == municipalityCode[:2] {
			list[2] = p.Code
		}
	}
	return list
}

// concerned lists the offices that have to do with whoever lives in a municipality: the nearest first, the nation's
// last.
func concerned(ctx context.Context, q *db.Queries, municipalityCode string) ([]db.Office, error) {
	code := codes(municipalityCode)
	offices, err := q.OfficesConcerned(ctx, db.OfficesConcernedParams{
		Municipality: code[0], City: code[1], Prefecture: code[2],
	})
	if err != nil {
		return nil, fmt.Errorf("listing offices: %w", err)
	}
	far := func(o db.Office) int {
		if o.MunicipalityCode == "" {
			return len(code)
		}
		return slices.Index(code, o.MunicipalityCode)
	}
	slices.SortStableFunc(offices, func(a, b db.Office) int { return cmp.Compare(far(a), far(b)) })
	return offices, nil
}

// Holders are the offices that may hold something about whoever lives, or lived, in one municipality.
type Holders struct{ offices []db.Office }

// HoldersAt reads them.
func HoldersAt(ctx context.Context, q *db.Queries, municipalityCode string) (Holders, error) {
	offices, err := concerned(ctx, q, municipalityCode)
	return Holders{offices}, err
}

// Of finds the nearest one with all of these duties.
func (h Holders) Of(duties ...string) (db.Office, bool) {
	for _, o := range h.offices {
		has := strings.Fields(o.Duties)
		if !slices.ContainsFunc(duties, func(d string) bool { return !slices.Contains(has, d) }) {
			return o, true
		}
	}
	return db.Office{}, false
}

// Knows says whether an office has been told of a person.
func Knows(ctx context.Context, q *db.Queries, officeID, folderID string) (bool, error) {
	known, err := q.OfficeKnowsFolder(ctx, db.OfficeKnowsFolderParams{FolderID: folderID, OfficeID: officeID})
	return known, wrap("looking whether an office knows a person", err)
}

// Introducer does the jobs that Introduce writes.
type Introducer struct {
	DB *db.DB
	// Ask has J-LIS seal introductions of a card's holder, by office; an office that knows no such resident is left
	// out.
	Ask func(ctx context.Context, holder card.ID, offices []string) (map[string][]byte, error)
}

// Job introduces one person to the offices that do not know them yet.
func (i Introducer) Job(ctx context.Context, payload []byte) error {
	var job introduceJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return jobs.Permanent(err)
	}
	offices, err := strangers(ctx, i.DB.Read(), job)
	if err != nil || len(offices) == 0 {
		return err
	}
	newest, err := i.DB.Read().FolderNewestCard(ctx, job.FolderID)
	if errors.Is(err, db.ErrNotFound) {
		return nil // the folder was closed
	}
	if err != nil {
		return fmt.Errorf("finding the card of a folder: %w", err)
	}
	sealed, err := i.Ask(ctx, card.ID(newest), offices)
	if err != nil {
		return fmt.Errorf("asking J-LIS for introductions: %w", err)
	}
	return i.DB.Tx(ctx, func(q *db.Queries) error {
		// The person may have moved or left while J-LIS was asked.
		offices, err := strangers(ctx, q, job)
		if err != nil {
			return err
		}
		for _, office := range offices {
			if len(sealed[office]) == 0 {
				continue
			}
			if err := introduce(ctx, q, office, job, sealed[office]); err != nil {
				return fmt.Errorf("introducing a person: %w", err)
			}
		}
		return nil
	})
}

// introduce writes down that an office is to hear of a person.
func introduce(ctx context.Context, q *db.Queries, office string, job introduceJob, sealed []byte) error {
	span := int64(whole)
	if job.Calmly {
		span *= calm
	}
	patience, err := lot(span)
	if err != nil {
		return err
	}
	place, err := lot(math.MaxInt64) // until it has a position: another than that of any who waits
	if err != nil {
		return err
	}
	return q.OfficeIntroduce(ctx, db.OfficeIntroduceParams{
		OfficeID: office, Identifier: rand.Text(), FolderID: job.FolderID,
		Introduction: base64.StdEncoding.EncodeToString(sealed),
		Position:     -1 - place, ChangedAt: time.Now().UnixMilli(), Patience: patience,
	})
}

// strangers lists the offices that a person concerns, with the one that they named, and that do not know them; none
// when the folder is gone.
func strangers(ctx context.Context, q *db.Queries, job introduceJob) ([]string, error) {
	folder, err := q.FolderGet(ctx, job.FolderID)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a folder: %w", err)
	}
	offices, err := concerned(ctx, q, folder.MunicipalityCode)
	if err != nil {
		return nil, err
	}
	if job.Also != "" {
		also, err := q.OfficeGet(ctx, job.Also)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return nil, fmt.Errorf("reading an office: %w", err)
		}
		if err == nil && !slices.ContainsFunc(offices, func(o db.Office) bool { return o.ID == also.ID }) {
			offices = append(offices, also)
		}
	}
	var found []string
	for _, o := range offices {
		if !slices.Contains(strings.Fields(o.Duties), DutyPerson) {
			continue
		}
		known, err := Knows(ctx, q, o.ID, job.FolderID)
		if err != nil {
			return nil, err
		}
		if !known {
			found = append(found, o.ID)
		}
	}
	return found, nil
}

// AllJob has the people of existing folders introduced to an office that is new. Done twice it does no harm: who is
// introduced already stays so.
func (i Introducer) AllJob(ctx context.Context, payload []byte) error {
	var job introduceAllJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return jobs.Permanent(err)
	}
	office, err := i.DB.Read().OfficeGet(ctx, job.OfficeID)
	if errors.Is(err, db.ErrNotFound) {
		return nil // struck off the registry since
	}
	if err != nil {
		return fmt.Errorf("reading an office: %w", err)
	}
	if !slices.Contains(strings.Fields(office.Duties), DutyPerson) {
		return nil
	}
	return i.DB.Tx(ctx, func(q *db.Queries) error {
		// In the transaction: a folder that is closed in between gets no job any more.
		folders, err := q.FolderFollowing(ctx, db.FolderFollowingParams{After: job.After, Size: introduceBatch})
		if err != nil {
			return fmt.Errorf("listing folders: %w", err)
		}
		for _, f := range folders {
			concerned := office.MunicipalityCode == "" ||
				slices.Contains(codes(f.MunicipalityCode), office.MunicipalityCode)
			if !concerned {
				continue
			}
			known, err := Knows(ctx, q, office.ID, f.ID)
			if err != nil {
				return err
			}
			if known {
				continue
			}
			if err := jobs.Enqueue(ctx, q, f.ID, JobIntroduce, introduceJob{FolderID: f.ID, Calmly: true}); err != nil {
				return err
			}
		}
		if len(folders) < introduceBatch {
			return nil
		}
		return jobs.Enqueue(ctx, q, "", JobIntroduceAll, introduceAllJob{office.ID, folders[len(folders)-1].ID})
	})
}

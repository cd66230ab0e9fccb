package office

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"madoguchi/backend/card"
	"madoguchi/backend/db"
	"madoguchi/backend/jobs"
	"madoguchi/backend/municipality"
)

// JobIntroduce is the kind of the jobs that Introduce writes; Introducer.Job does them.
const JobIntroduce = "office.introduce"

type introduceJob struct {
	FolderID string `json:"folder_id"`
}

// JobIntroduceAll is the kind of the jobs that Gateway.Load writes for an office that is to know people for the first time;
// Introducer.AllJob does them.
const JobIntroduceAll = "office.introduce-all"

// Each goes through so many folders and leaves the rest to the next.
const introduceBatch = 200

type introduceAllJob struct {
	OfficeID string `json:"office_id"`
	After    string `json:"after"` // the last folder that has been looked at
}

// Introduce has a person made known, after the transaction of q, to the offices that concern them: all national ones and that of the
// registered municipality. J-LIS seals the introductions; when it is out of reach the job waits, the person does not.
func Introduce(ctx context.Context, q *db.Queries, folderID string) error {
	return jobs.Enqueue(ctx, q, folderID, JobIntroduce, introduceJob{folderID})
}

// Leave ends a person's identifiers at municipalities other than the one given; at every office when it is "". The dead identifier
// stays, so that the office hears of it; whose it was does not.
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
		position, err := q.OfficeLastPosition(ctx, k.OfficeID)
		if err != nil {
			return err
		}
		if err := q.OfficeLeave(ctx, db.OfficeLeaveParams{OfficeID: k.OfficeID, Identifier: k.Identifier, Position: position + 1}); err != nil {
			return fmt.Errorf("ending an identifier: %w", err)
		}
	}
	return nil
}

// codes gives the codes under which a person registered in a municipality is addressed: its own, and its city's if it is a ward.
func codes(municipalityCode string) []string {
	m, _ := municipality.ByCode(municipalityCode)
	return []string{municipalityCode, m.Office()}
}

// Introducer does the jobs that Introduce writes.
type Introducer struct {
	DB *db.DB
	// Ask has J-LIS seal introductions of a card's holder, by office; an office that knows no such resident is left out.
	Ask func(ctx context.Context, holder card.ID, offices []string) (map[string][]byte, error)
}

// Job introduces one person to the offices that do not know them yet.
func (i Introducer) Job(ctx context.Context, payload []byte) error {
	var job introduceJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return jobs.Permanent(err)
	}
	offices, err := strangers(ctx, i.DB.Read(), job.FolderID)
	if err != nil || len(offices) == 0 {
		return err
	}
	newest, err := i.DB.Read().AccountNewestCard(ctx, job.FolderID)
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
		offices, err := strangers(ctx, q, job.FolderID)
		if err != nil {
			return err
		}
		for _, office := range offices {
			if len(sealed[office]) == 0 {
				continue
			}
			position, err := q.OfficeLastPosition(ctx, office)
			if err != nil {
				return err
			}
			err = q.OfficeIntroduce(ctx, db.OfficeIntroduceParams{
				OfficeID: office, Identifier: rand.Text(), FolderID: job.FolderID,
				Introduction: base64.StdEncoding.EncodeToString(sealed[office]), Position: position + 1,
			})
			if err != nil {
				return fmt.Errorf("introducing a person: %w", err)
			}
		}
		return nil
	})
}

// strangers lists the offices that a person concerns and that do not know them; none when the folder is gone.
func strangers(ctx context.Context, q *db.Queries, folderID string) ([]string, error) {
	folder, err := q.AccountFolder(ctx, folderID)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading a folder: %w", err)
	}
	code := codes(folder.MunicipalityCode)
	concerned, err := q.OfficesConcerned(ctx, db.OfficesConcernedParams{Municipality: code[0], City: code[1]})
	if err != nil {
		return nil, fmt.Errorf("listing offices: %w", err)
	}
	var found []string
	for _, o := range concerned {
		if !slices.Contains(strings.Fields(o.Duties), DutyPerson) {
			continue
		}
		known, err := q.OfficeKnowsFolder(ctx, db.OfficeKnowsFolderParams{FolderID: folderID, OfficeID: o.ID})
		if err != nil {
			return nil, err
		}
		if !known {
			found = append(found, o.ID)
		}
	}
	return found, nil
}

// AllJob has the people of existing folders introduced to an office that is new. Done twice it does no harm: who is introduced already
// stays so.
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
		folders, err := q.OfficeFolders(ctx, db.OfficeFoldersParams{OfficeID: office.ID, After: job.After, Size: introduceBatch})
		if err != nil {
			return fmt.Errorf("listing folders: %w", err)
		}
		for _, f := range folders {
			concerned := office.MunicipalityCode == "" || slices.Contains(codes(f.MunicipalityCode), office.MunicipalityCode)
			if f.Known || !concerned {
				continue
			}
			if err := Introduce(ctx, q, f.ID); err != nil {
				return err
			}
		}
		if len(folders) < introduceBatch {
			return nil
		}
		return jobs.Enqueue(ctx, q, "", JobIntroduceAll, introduceAllJob{office.ID, folders[len(folders)-1].ID})
	})
}

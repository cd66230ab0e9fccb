// Package folder is the person's room: the user folder's row (利用者フォルダ), the cards that open it, and what the person has
// chosen. Every other room asks here, or by a statement that begins with Folder, and no other's SQL reads these rows.
// Which offices know the person, and which sessions there are, is not here; what a feature keeps of a person goes with
// the folder, or is erased by the feature.
package folder

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"madoguchi/backend/store/card"
	"madoguchi/backend/store/db"
)

// Preference names something that a person may switch on or off, or choose. What it means is for the room that made up
// the name.
type Preference string

const on, off = "on", "off"

// Folder is what a person has registered and chosen.
type Folder struct {
	db.Folder
	// Prefers holds what was ever switched on or off; nothing else is known of the person's wishes.
	Prefers map[Preference]bool
	// Chosen holds what else was ever chosen, in the words of the room that made up the name; Update leaves it alone.
	Chosen map[Preference]string
}

// Get reads a folder; db.ErrNotFound when it was closed.
func Get(ctx context.Context, q *db.Queries, id string) (Folder, error) {
	row, err := q.FolderGet(ctx, id)
	if err != nil {
		return Folder{}, fmt.Errorf("reading a folder: %w", err)
	}
	chosen, err := q.FolderPreferences(ctx, id)
	if err != nil {
		return Folder{}, fmt.Errorf("reading what a person prefers: %w", err)
	}
	f := Folder{Folder: row, Prefers: map[Preference]bool{}, Chosen: map[Preference]string{}}
	for _, c := range chosen {
		if c.Value == on || c.Value == off {
			f.Prefers[Preference(c.Name)] = c.Value == on
			continue
		}
		f.Chosen[Preference(c.Name)] = c.Value
	}
	return f, nil
}

var errHasFolder = errors.New("the card has a folder that was not there a moment ago")

// Open writes a folder that was not there, and the card that opens it.
func Open(ctx context.Context, q *db.Queries, f Folder, of card.ID) error {
	err := q.FolderCreate(ctx, db.FolderCreateParams{
		ID: f.ID, DisplayName: f.DisplayName, MailAddress: f.MailAddress, MunicipalityCode: f.MunicipalityCode,
		Language:     f.Language,
		TermsVersion: f.TermsVersion, OpenedAt: f.OpenedAt, LastLoginAt: f.LastLoginAt,
	})
	if err != nil {
		return fmt.Errorf("writing the folder: %w", err)
	}
	added, err := q.FolderAddCard(ctx, db.FolderAddCardParams{
		Issuer: of.Issuer, Serial: of.Serial, FolderID: f.ID, AddedAt: f.OpenedAt,
	})
	if err != nil {
		return fmt.Errorf("writing the card: %w", err)
	}
	if added == 0 {
		return errHasFolder
	}
	return Prefer(ctx, q, f.ID, f.Prefers)
}

// Update writes what of a folder the person may change.
func Update(ctx context.Context, q *db.Queries, f Folder) error {
	_, err := q.FolderUpdate(ctx, db.FolderUpdateParams{
		ID: f.ID, DisplayName: f.DisplayName, MailAddress: f.MailAddress, MailConfirmedAt: f.MailConfirmedAt,
		MunicipalityCode: f.MunicipalityCode, Language: f.Language,
	})
	if err != nil {
		return fmt.Errorf("writing the folder: %w", err)
	}
	return Prefer(ctx, q, f.ID, f.Prefers)
}

// Prefer writes down what a person switched on or off. What is not named stays.
func Prefer(ctx context.Context, q *db.Queries, id string, chosen map[Preference]bool) error {
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		value := off
		if chosen[name] {
			value = on
		}
		err := q.FolderPrefer(ctx, db.FolderPreferParams{FolderID: id, Name: string(name), Value: value})
		if err != nil {
			return fmt.Errorf("writing what a person prefers: %w", err)
		}
	}
	return nil
}

// Choose writes down what a person chose, where that is more than on or off.
func Choose(ctx context.Context, q *db.Queries, id string, name Preference, value string) error {
	err := q.FolderPrefer(ctx, db.FolderPreferParams{FolderID: id, Name: string(name), Value: value})
	if err != nil {
		return fmt.Errorf("writing what a person chose: %w", err)
	}
	return nil
}

// Prefers says whether a person switched something on. Who has not been asked has not.
func Prefers(ctx context.Context, q *db.Queries, id string, name Preference) (bool, error) {
	on, _, err := Chose(ctx, q, id, name)
	return on, err
}

// Chose is Prefers, and whether they have been asked.
func Chose(ctx context.Context, q *db.Queries, id string, name Preference) (switchedOn, asked bool, err error) {
	value, err := q.FolderPreference(ctx, db.FolderPreferenceParams{FolderID: id, Name: string(name)})
	if errors.Is(err, db.ErrNotFound) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("reading what a person prefers: %w", err)
	}
	return value == on, true, nil
}

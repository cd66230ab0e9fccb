package office

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"madoguchi/backend/door/mount"
	"madoguchi/backend/japan/catalog"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	"madoguchi/proto/plaintext"
)

// DutyPerson is the duty of an office that is told which people it may address. The other duties are the features'.
const DutyPerson = "person"

// Registration is one office as the registry file names it.
type Registration struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	CertificateHash string   `json:"certificate_hash"` // hex of the SHA-256 of the client certificate's DER
	Duties          []string `json:"duties"`
	// "" for a national office; also a prefecture's, for duties of prefectures
	MunicipalityCode string `json:"municipality_code"`
}

// ReadRegistry reads a registry file and checks it; duties are those that there are.
func ReadRegistry(file string, duties []mount.Duty) ([]Registration, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the offices' registry: %w", err)
	}
	offices, err := parseRegistry(data, duties)
	if err != nil {
		return nil, fmt.Errorf("the offices' registry %s: %w", file, err)
	}
	return offices, nil
}

func parseRegistry(data []byte, duties []mount.Duty) ([]Registration, error) {
	var offices []Registration
	if err := json.Unmarshal(data, &offices); err != nil {
		return nil, err
	}
	ids, hashes := map[string]bool{}, map[string]bool{}
	for i := range offices {
		o := &offices[i]
		o.CertificateHash = strings.ToLower(o.CertificateHash)
		if err := o.check(duties); err != nil {
			return nil, fmt.Errorf("office %d (%q): %w", i+1, o.ID, err)
		}
		if ids[o.ID] || hashes[o.CertificateHash] {
			return nil, fmt.Errorf("office %d (%q): its id or certificate stands there twice", i+1, o.ID)
		}
		ids[o.ID], hashes[o.CertificateHash] = true, true
	}
	return offices, nil
}

func (o Registration) check(known []mount.Duty) error {
	if o.ID == "" || len(o.ID) > 64 || strings.ContainsFunc(o.ID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("an id has 1 to 64 visible ASCII characters")
	}
	if o.Name == "" || len(o.Name) > 200 {
		return errors.New("the name is missing or too long")
	}
	if err := plaintext.Title(o.Name); err != nil {
		return fmt.Errorf("the name cannot be shown: %w", err)
	}
	if hash, err := hex.DecodeString(o.CertificateHash); err != nil || len(hash) != 32 {
		return errors.New("certificate_hash is not the hex of a SHA-256")
	}
	var duties []mount.Duty
	for _, name := range o.Duties {
		i := slices.IndexFunc(known, func(d mount.Duty) bool { return d.Name == name })
		if i < 0 {
			return fmt.Errorf("no duty is called %q", name)
		}
		duties = append(duties, known[i])
	}
	if o.MunicipalityCode == "" {
		return nil
	}
	_, ok := municipality.ByCode(o.MunicipalityCode)
	if !ok && catalog.IsPlace(o.MunicipalityCode) && o.MunicipalityCode != catalog.Nation {
		if len(duties) > 0 && !slices.ContainsFunc(duties, func(d mount.Duty) bool { return !d.Prefectures }) {
			return nil
		}
		return errors.New("a prefecture cannot have all of these duties")
	}
	if !ok {
		return fmt.Errorf("no municipality has the code %q", o.MunicipalityCode)
	}
	if slices.ContainsFunc(duties, func(d mount.Duty) bool { return d.National }) {
		return errors.New("a municipality does not address the nation")
	}
	return nil
}

// Load makes the registry what the portal goes by, in memory and in the database. Offices that are no longer named are
// shut out; what they sent keeps their name. Offices that are to know people and did not before get introduced to, by
// jobs, who has a folder already.
func (g *Gateway) Load(ctx context.Context, offices []Registration) error {
	err := g.db.Tx(ctx, func(q *db.Queries) error {
		before, err := q.OfficesActive(ctx)
		if err != nil {
			return err
		}
		if err := q.OfficeRetireAll(ctx); err != nil {
			return err
		}
		for _, o := range offices {
			err := q.OfficeRegister(ctx, db.OfficeRegisterParams{
				ID: o.ID, Name: o.Name, CertificateHash: o.CertificateHash, Duties: strings.Join(o.Duties, " "),
				MunicipalityCode: o.MunicipalityCode,
			})
			if err != nil {
				return err
			}
			if !o.knewPeople(before) && slices.Contains(o.Duties, DutyPerson) {
				if err := jobs.Enqueue(ctx, q, "", JobIntroduceAll, introduceAllJob{OfficeID: o.ID}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing the offices' registry: %w", err)
	}
	known := make(map[string]Registration, len(offices))
	for _, o := range offices {
		known[o.CertificateHash] = o
	}
	g.known.Store(&known)
	return nil
}

// knewPeople tells whether the office was registered already so that those whom it concerns were made known to it.
func (o Registration) knewPeople(before []db.Office) bool {
	return slices.ContainsFunc(before, func(b db.Office) bool {
		return b.ID == o.ID && b.MunicipalityCode == o.MunicipalityCode &&
			slices.Contains(strings.Fields(b.Duties), DutyPerson)
	})
}

// Watch loads the registry file again when it changes or again says so, until ctx ends. A file that is broken changes
// nothing.
func (g *Gateway) Watch(ctx context.Context, file string, duties []mount.Duty, again <-chan os.Signal) {
	tick := time.NewTicker(registryEvery)
	defer tick.Stop()
	last := modified(file)
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-tick.C:
			if modified(file).Equal(last) {
				continue
			}
		}
		last = modified(file)
		offices, err := ReadRegistry(file, duties)
		if err == nil {
			err = g.Load(ctx, offices)
		}
		if err != nil {
			g.log.Error("the offices' registry is left as it was", "error", err)
			continue
		}
		g.log.Info("the offices' registry was read again", "offices", len(offices))
	}
}

func modified(file string) time.Time {
	info, err := os.Stat(file)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// OfPlace finds the office of a municipality that has a duty; for a ward it may be its city. False when there is none.
func OfPlace(
	ctx context.Context, q *db.Queries, place municipality.Municipality, duty string,
) (db.Office, bool, error) {
	offices, err := q.OfficesConcerned(ctx, db.OfficesConcernedParams{Municipality: place.Code, City: place.Office()})
	if err != nil {
		return db.Office{}, false, fmt.Errorf("looking for the office of a place: %w", err)
	}
	for _, code := range []string{place.Code, place.Office()} {
		for _, o := range offices {
			if o.MunicipalityCode == code && slices.Contains(strings.Fields(o.Duties), duty) {
				return o, true, nil
			}
		}
	}
	return db.Office{}, false, nil
}

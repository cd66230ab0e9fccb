package application

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/office"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/backend/store/jobs"
	store "madoguchi/backend/store/ledger"
	"madoguchi/proto/clock"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

const (
	// mostOffline is for how long something signed may wait for a network.
	mostOffline = 30 * 24 * time.Hour
	// cosignFor is for how long the second person may sign.
	cosignFor = 30 * 24 * time.Hour
	mostOpen  = 100
	// mostDrawn is how often a number is drawn before it is said that none is free: of a day's hundred million.
	mostDrawn = 10
)

var errNoNumber = errors.New("no number is free for an application")

// sending is what was sent and found good, before it is written down.
type sending struct {
	folder  string
	request *portalv1.SendApplicationRequest
	form    *form.Form
	office  db.Office
	signed  *form.Result // by the day on which it was signed
	judged  *form.Result // by the day of arrival
	content content
	before  *correcting // of a correction
	at      time.Time
}

// correcting is what is corrected.
type correcting struct {
	row  db.Application
	sent *sent
}

// faulty is that something is at fault with the answers: nothing is sent.
type faulty []*portalv1.FormFault

func (f faulty) Error() string { return fmt.Sprintf("%d faults in what was filled in", len(f)) }

// SendApplication takes an application in.
func (s *Service) SendApplication(
	ctx context.Context, request *portalv1.SendApplicationRequest,
) (*portalv1.SendApplicationResponse, error) {
	folder := access.Subject(ctx)
	response, err := s.sentBefore(ctx, s.DB.Read(), folder, request)
	if response != nil || err != nil {
		return response, err
	}
	p, err := s.prepare(ctx, folder, request)
	if err == nil {
		err = s.DB.Tx(ctx, func(q *db.Queries) error { return s.put(ctx, q, p) })
	}
	if err == nil {
		s.Wake()
	}
	// What is answered is what stands there now: also where this was refused because the same came a moment before.
	response, looking := s.sentBefore(ctx, s.DB.Read(), folder, request)
	if response != nil || err == nil {
		return response, looking
	}
	if faults, ok := errors.AsType[faulty](err); ok {
		return &portalv1.SendApplicationResponse{Faults: faults}, nil
	}
	return nil, told(err, "taking an application in")
}

// told is an error as the caller meets it: one that has its answer already stays as it is.
func told(err error, doing string) error {
	if _, answered := errors.AsType[*connect.Error](err); err == nil || answered {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// sentBefore is the answer to what was sent before under the same id; nil when it was not.
func (s *Service) sentBefore(
	ctx context.Context, q *db.Queries, folder string, request *portalv1.SendApplicationRequest,
) (*portalv1.SendApplicationResponse, error) {
	id, err := s.sentUnder(ctx, q, folder, request)
	if id == "" || err != nil {
		return nil, err
	}
	one, err := s.wholeOf(ctx, q, folder, id)
	return &portalv1.SendApplicationResponse{Application: one}, err
}

// sentUnder is the application that was sent before under the same id; "" when none was.
func (s *Service) sentUnder(
	ctx context.Context, q *db.Queries, folder string, request *portalv1.SendApplicationRequest,
) (id string, err error) {
	before, err := q.ApplicationSentUnder(ctx, request.GetId())
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking whether it was sent before: %w", err)
	}
	if before.FolderID != folder ||
		request.GetApplication() != "" && request.GetApplication() != before.ApplicationID {
		return "", access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_KEY_REUSED, "id", nil)
	}
	return before.ApplicationID, nil
}

// prepare finds out whether what was sent may be: the form, the answers, the signature.
func (s *Service) prepare(
	ctx context.Context, folder string, request *portalv1.SendApplicationRequest,
) (*sending, error) {
	q := s.DB.Read()
	p := &sending{folder: folder, request: request, at: s.Now()}
	if err := s.corrected(ctx, q, p); err != nil {
		return nil, err
	}
	var found bool
	var err error
	p.form, found, err = s.Drafts.Form(ctx, q, request.GetPlace(), request.GetForm(), request.GetVersion())
	if err != nil {
		return nil, err
	}
	day := clock.Day(p.at)
	if !found {
		return nil, access.NotFound(ctx, "form", nil)
	}
	if p.before == nil && !p.form.Holds(day) {
		return nil, access.Changed(ctx, "version")
	}
	place, _ := municipality.ByCode(request.GetPlace())
	if p.office, found, err = office.OfPlace(ctx, q, place, Duty); err != nil {
		return nil, err
	}
	if !found {
		return nil, access.NotFound(ctx, "place", errors.New("no office takes applications there"))
	}
	if err := s.evaluate(ctx, p, day); err != nil {
		return nil, err
	}
	if err := p.locked(ctx, q); err != nil {
		return nil, err
	}
	return p, s.checkSignature(ctx, p)
}

// corrected reads what is corrected, where something is.
func (s *Service) corrected(ctx context.Context, q *db.Queries, p *sending) error {
	id := p.request.GetApplication()
	if id == "" {
		return nil
	}
	row, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: p.folder, ID: id})
	if errors.Is(err, db.ErrNotFound) {
		return access.NotFound(ctx, "application", nil)
	}
	if err != nil {
		return fmt.Errorf("reading an application: %w", err)
	}
	switch {
	case state(row) != returned || row.DueAt < p.at.UnixMilli():
		return tooLate(ctx, "application", errors.New("it is not returned"))
	case row.PlaceCode != p.request.GetPlace() || row.FormID != p.request.GetForm() ||
		row.Version != p.request.GetVersion():
		return access.Invalid(ctx, "form", errors.New("a correction is of the same form"))
	}
	before, err := readSent(ctx, q, p.folder, id, row.Revision)
	p.before = &correcting{row, before}
	return err
}

func tooLate(ctx context.Context, field string, err error) error {
	return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_LATE, field, err)
}

// evaluate makes of the answers what is signed, by the day on which it was, and finds what is at fault on the day of
// arrival. A correction does not move that day.
func (s *Service) evaluate(ctx context.Context, p *sending, day string) error {
	envelope := p.request.GetEnvelope()
	earliest := clock.Day(p.at.Add(-mostOffline))
	if p.before != nil {
		day = clock.Day(time.UnixMilli(p.before.row.ArrivedAt))
		earliest = min(earliest, day)
	}
	if envelope.GetDay() < earliest || envelope.GetDay() > clock.Day(p.at.AddDate(0, 0, 1)) {
		return access.Invalid(ctx, "envelope.day", errors.New("it lies too far from the day of arrival"))
	}
	answers, err := p.form.ReadAnswers(p.request.GetAnswers())
	if err != nil {
		return access.Invalid(ctx, "answers", err)
	}
	at := func(day string) form.Moment { return form.Moment{Today: day, Office: p.request.GetPlace()} }
	p.signed, p.judged = p.form.Evaluate(answers, at(envelope.GetDay())), p.form.Evaluate(answers, at(day))
	if !p.judged.Fine() {
		return faultsOf(p.judged)
	}
	canonical := p.signed.Answers().Canonical()
	if !slices.Equal(canonical, p.request.GetAnswers()) {
		return access.Invalid(ctx, "answers", errors.New("they are not those that would be signed"))
	}
	signed := form.Envelope{
		Language: envelope.GetLanguage(), Origin: s.Origin, Office: p.office.ID, Nonce: envelope.GetNonce(),
	}
	if p.before != nil {
		signed.Number, signed.Previous = p.before.row.Number, digestOf(p.before.sent.Document)
	}
	p.content = content{
		Answers: canonical, Document: p.signed.Document(signed), Language: envelope.GetLanguage(),
		Day: envelope.GetDay(), FormHash: p.form.Hash(),
	}
	if m, ok := municipality.ByCode(p.request.GetPlace()); ok {
		p.content.PlaceName = m.Name
	}
	return nil
}

func digestOf(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

func faultsOf(r *form.Result) error {
	var list faulty
	for _, f := range r.Faults {
		if f.Level == form.Error {
			list = append(list, &portalv1.FormFault{
				Field: f.Field, Row: int32(f.Row), Code: string(f.Code), Limit: f.Limit, Check: f.Check,
			})
		}
	}
	return list
}

// locked refuses a correction that changes what the office did not return. What is shown or computed otherwise because
// of a change goes along.
func (p *sending) locked(ctx context.Context, q *db.Queries) error {
	if p.before == nil {
		return nil
	}
	open, err := returnedFields(ctx, q, p.folder, p.before.row.ID)
	if err != nil || len(open) == 0 {
		return err
	}
	before, err := p.form.ReadAnswers(p.before.sent.Answers)
	if err != nil {
		return fmt.Errorf("reading what was sent before: %w", err)
	}
	then := p.form.Evaluate(before, form.Moment{Today: p.before.sent.Day, Office: p.request.GetPlace()})
	now := p.signed.Answers()
	for _, section := range p.form.Sections {
		for _, field := range section.Fields {
			if slices.Contains(open, field.ID) || field.Calc != "" ||
				then.Shown(field.ID, -1) != p.signed.Shown(field.ID, -1) {
				continue
			}
			one := func(a form.Answers) []byte { return form.Answers{field.ID: a[field.ID]}.Canonical() }
			if !slices.Equal(one(before), one(now)) {
				return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_LOCKED, field.ID,
					errors.New("a field that was not returned is changed"))
			}
		}
	}
	return nil
}

// checkSignature finds out who signed, and whether that is who must.
func (s *Service) checkSignature(ctx context.Context, p *sending) error {
	if p.form.Sign != form.SignCard {
		if len(p.request.GetSignature()) > 0 {
			return access.Invalid(ctx, "signature", errors.New("the form is not signed"))
		}
		return nil
	}
	who, err := s.examine(ctx, p.content.Document, p.request.GetSignature())
	if err != nil {
		return err
	}
	people := whoSigns(p.form, p.signed, p.signed.Answers())
	if len(people) > 0 && !slices.ContainsFunc(people, func(c cosigner) bool { return c.is(who) }) {
		return otherPerson(ctx, errors.New("the signer is not the applicant"))
	}
	p.content.Signatures = []signature{who.signature}
	if p.judged.Cosigned {
		answers := p.signed.Answers()
		p.content.CosignName = answers[p.form.Cosign.Name].Text
		p.content.CosignBirth = answers[p.form.Cosign.Birth].Text
		p.content.CosignToken = rand.Text()
	}
	return s.ofFolder(ctx, p.folder, who)
}

// put writes down what was sent, in the transaction of q. It reads next to nothing: on PostgreSQL who reads has read a
// whole page of an index, in which others who send at the same time write, and one of them would have to begin again.
// So it is the writing that tells whether something is there already, and each row is written once, as it is to stand.
func (s *Service) put(ctx context.Context, q *db.Queries, p *sending) error {
	row, before, err := s.row(ctx, q, p)
	if err != nil {
		return err
	}
	kept := p.content
	if kept.Attachments, err = s.attachments(ctx, q, p, row.ID); err != nil {
		return err
	}
	step := &portalv1.ApplicationStep{State: state(row), At: row.MovedAt, DueAt: row.DueAt}
	sent := db.ApplicationSentAddParams{
		FolderID: p.folder, ApplicationID: row.ID, Revision: row.Revision, SendID: p.request.GetId(),
		Nonce: p.request.GetEnvelope().GetNonce(), SentAt: row.MovedAt,
	}
	if kept.CosignToken != "" {
		sent.CosignHash = hashOf(kept.CosignToken)
	} else if sent.Leaf, err = s.record(ctx, q, row, kept, p.at); err != nil {
		return err
	}
	if sent.Content, err = sealJSON(ctx, q, p.folder, "content", sent.SendID, kept); err != nil {
		return err
	}
	added, err := q.ApplicationSentAdd(ctx, sent)
	if err != nil {
		return fmt.Errorf("writing what was sent: %w", err)
	}
	if added == 0 {
		return access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_KEY_REUSED, "envelope.nonce", nil)
	}
	if err := writeStep(ctx, q, p.folder, row.ID, before+1, "", step); err != nil {
		return err
	}
	if p.before != nil {
		return s.set(ctx, q, &row)
	}
	return look(ctx, q, row)
}

// row is the application as it stands from now on, and how many steps it had before: a new one is written, one that is
// corrected is not yet.
func (s *Service) row(ctx context.Context, q *db.Queries, p *sending) (row db.Application, steps int64, err error) {
	now := p.at.UnixMilli()
	if p.before != nil {
		row, err = q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: p.folder, ID: p.before.row.ID})
		if err != nil {
			return row, 0, fmt.Errorf("reading an application: %w", err)
		}
		if row.Revision != p.before.row.Revision || row.State != p.before.row.State {
			return row, 0, tooLate(ctx, "application", errors.New("it moved on meanwhile"))
		}
		if steps, err = countSteps(ctx, q, row.FolderID, row.ID); err != nil {
			return row, 0, err
		}
		row.Revision, row.DueAt, row.Tell, row.MovedAt = row.Revision+1, 0, p.request.GetTell(), now
	} else {
		row = db.Application{
			FolderID: p.folder, ID: p.request.GetId(), Number: p.request.GetId(), OfficeID: p.office.ID,
			PlaceCode: p.request.GetPlace(), FormID: p.form.ID, Version: p.form.Version, Procedure: p.form.Procedure,
			Revision: 1, SentAt: now, MovedAt: now, Late: p.judged.Late, Tell: p.request.GetTell(),
		}
	}
	switch {
	case p.content.CosignToken != "":
		row.State, row.DueAt = int64(cosigning), p.at.Add(cosignFor).UnixMilli()
	case row.ArrivedAt > 0:
		row.State = int64(resent)
	default:
		row.State, row.ArrivedAt = int64(arrived), now
	}
	if p.content.CosignToken == "" {
		if row.OfficeAt, err = office.Turn(ctx, q); err != nil {
			return row, 0, err
		}
	}
	if p.before != nil {
		return row, steps, nil
	}
	if err := s.opened(ctx, q, p.folder); err != nil {
		return row, 0, err
	}
	return row, 0, s.add(ctx, q, &row, p)
}

// opened counts one more open application of a person, if they may have one more.
func (s *Service) opened(ctx context.Context, q *db.Queries, folder string) error {
	open, err := q.ApplicationOpened(ctx, folder)
	if err != nil {
		return fmt.Errorf("counting the applications of a person: %w", err)
	}
	if open <= mostOpen {
		return nil
	}
	// Before somebody is refused they are counted, one by one.
	if open, err = q.ApplicationOpenCount(ctx, folder); err != nil {
		return fmt.Errorf("counting the applications of a person: %w", err)
	}
	if open >= mostOpen {
		return access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_TOO_MANY, "", nil)
	}
	if err := q.ApplicationOpenSet(ctx, db.ApplicationOpenSetParams{FolderID: folder, Count: open + 1}); err != nil {
		return fmt.Errorf("counting the applications of a person: %w", err)
	}
	return nil
}

// add writes a new application; where it has arrived, under a number that no other has.
func (s *Service) add(ctx context.Context, q *db.Queries, row *db.Application, p *sending) (err error) {
	for range mostDrawn {
		if row.ArrivedAt > 0 {
			if row.Number, err = newNumber(p.at); err != nil {
				return err
			}
		}
		added, err := q.ApplicationAdd(ctx, db.ApplicationAddParams{
			FolderID: row.FolderID, ID: row.ID, Number: row.Number, OfficeID: row.OfficeID, PlaceCode: row.PlaceCode,
			FormID: row.FormID, Version: row.Version, Procedure: row.Procedure, State: row.State, SentAt: row.SentAt,
			ArrivedAt: row.ArrivedAt, MovedAt: row.MovedAt, OfficeAt: row.OfficeAt, DueAt: row.DueAt, Late: row.Late,
			Tell: row.Tell,
		})
		if err != nil {
			return fmt.Errorf("writing an application: %w", err)
		}
		if added > 0 {
			return nil
		}
		before, err := s.sentUnder(ctx, q, p.folder, p.request)
		if err != nil {
			return err
		}
		if before != "" || row.ArrivedAt == 0 { // it is not the number that is taken
			return access.Error(ctx, connect.CodeAlreadyExists, portalv1.Reason_REASON_KEY_REUSED, "id", nil)
		}
	}
	return errNoNumber
}

// attachments takes what was filled in away from the drafts, and gives what is attached.
func (s *Service) attachments(ctx context.Context, q *db.Queries, p *sending, id string) ([][]byte, error) {
	attached, err := s.Drafts.Take(ctx, q, p.folder, p.request.GetDraft(), id)
	if errors.Is(err, db.ErrNotFound) {
		// It was signed without a network before the draft ever came here. What it names as attached is missing then.
		attached, err = nil, nil
	}
	if errors.Is(err, ErrSent) {
		return nil, access.Error(ctx, connect.CodeFailedPrecondition, portalv1.Reason_REASON_ALREADY_DONE, "draft", err)
	}
	if err != nil {
		return nil, fmt.Errorf("taking what was filled in: %w", err)
	}
	return attachedTo(p.form, p.signed.Answers(), attached)
}

// attachedTo are the attachments that the answers name. One that they name and that is not there is at fault.
func attachedTo(f *form.Form, answers form.Answers, there []*portalv1.Attachment) (kept [][]byte, err error) {
	var missing faulty
	look := func(field string, row int, files []form.File) error {
		for _, file := range files {
			i := slices.IndexFunc(there, func(a *portalv1.Attachment) bool {
				return a.GetFinished() && a.GetField() == field && a.GetDigest() == file.Digest &&
					a.GetSize() == file.Size && a.GetType() == file.Type
			})
			if i < 0 {
				missing = append(missing, &portalv1.FormFault{
					Field: field, Row: int32(row), Code: string(form.CodeFileBroke),
				})
				continue
			}
			b, err := proto.Marshal(there[i])
			if err != nil {
				return fmt.Errorf("writing what is attached: %w", err)
			}
			kept = append(kept, b)
		}
		return nil
	}
	for _, section := range f.Sections {
		for _, field := range section.Fields {
			if err := look(field.ID, -1, answers[field.ID].Files); err != nil {
				return nil, err
			}
			for i, row := range answers[field.ID].Rows {
				for _, inner := range field.Fields {
					if err := look(inner.ID, i, row[inner.ID].Files); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	if len(missing) > 0 {
		return nil, missing
	}
	return kept, nil
}

// arrive has an application arrive that waited for a second signature, whole as it is now.
func (s *Service) arrive(
	ctx context.Context, q *db.Queries, row *db.Application, kept content, at time.Time,
) error {
	step := &portalv1.ApplicationStep{State: resent, At: at.UnixMilli()}
	if row.ArrivedAt == 0 {
		step.State = arrived
		row.ArrivedAt = at.UnixMilli()
		if err := s.number(ctx, q, row, at); err != nil {
			return err
		}
	}
	row.DueAt, row.State = 0, int64(step.GetState())
	leaf, err := s.record(ctx, q, *row, kept, at)
	if err != nil {
		return err
	}
	if _, err := q.ApplicationSentLeaf(ctx, db.ApplicationSentLeafParams{
		FolderID: row.FolderID, ApplicationID: row.ID, Revision: row.Revision, Leaf: leaf,
	}); err != nil {
		return fmt.Errorf("noting where an application stands in the ledger: %w", err)
	}
	return s.moveForOffice(ctx, q, row, "", step)
}

// record has an arrival stand in the ledger, under the number that it gives, and its receipt be written; who had this
// to do has done it.
func (s *Service) record(
	ctx context.Context, q *db.Queries, row db.Application, kept content, at time.Time,
) (leaf int64, err error) {
	if state(row) == arrived && s.Filed != nil {
		if err := s.Filed(ctx, q, row.FolderID, row.PlaceCode, row.Procedure, at); err != nil {
			return 0, err
		}
	}
	arrival := &portalv1.ApplicationArrival{
		Id: row.ID, Number: row.Number, Office: row.OfficeID, Form: row.FormID, Version: row.Version,
		Revision: int32(row.Revision), ArrivedAt: at.UnixMilli(),
	}
	sum := sha256.Sum256(kept.Document)
	arrival.Digest = sum[:]
	for _, one := range kept.Signatures {
		sum := sha256.Sum256(one.CMS)
		arrival.Signatures = append(arrival.Signatures, sum[:])
	}
	recorded, err := proto.MarshalOptions{Deterministic: true}.Marshal(arrival)
	if err != nil {
		return 0, fmt.Errorf("writing a line of the ledger: %w", err)
	}
	line, err := store.Append(ctx, q, row.FolderID, ledger.Receipts, ledger.Receipt, at, recorded)
	if err != nil {
		return 0, err
	}
	err = jobs.Enqueue(ctx, q, row.FolderID, jobReceipt, receiptJob{row.FolderID, row.ID, row.Revision})
	return int64(line.Number), err
}

// number gives an application that is there already a number that no other has.
func (s *Service) number(ctx context.Context, q *db.Queries, row *db.Application, at time.Time) error {
	for range mostDrawn {
		number, err := newNumber(at)
		if err != nil {
			return err
		}
		taken, err := q.ApplicationNumberTaken(ctx, number)
		if err != nil {
			return fmt.Errorf("looking whether a number is free: %w", err)
		}
		if !taken {
			row.Number = number
			return nil
		}
	}
	return errNoNumber
}

// moveForOffice is move for what the office is to learn of.
func (s *Service) moveForOffice(
	ctx context.Context, q *db.Queries, row *db.Application, reference string, step *portalv1.ApplicationStep,
) error {
	var err error
	if row.OfficeAt, err = office.Turn(ctx, q); err != nil {
		return err
	}
	return s.move(ctx, q, row, reference, step)
}

// move writes down where an application stands from now on, and has the person's pages look.
func (s *Service) move(
	ctx context.Context, q *db.Queries, row *db.Application, reference string, step *portalv1.ApplicationStep,
) error {
	row.State, row.MovedAt = int64(step.GetState()), step.GetAt()
	if err := addStep(ctx, q, row.FolderID, row.ID, reference, step); err != nil {
		return err
	}
	return s.set(ctx, q, row)
}

// set writes an application's row, and has the person's pages look.
func (s *Service) set(ctx context.Context, q *db.Queries, row *db.Application) error {
	_, err := q.ApplicationSet(ctx, db.ApplicationSetParams{
		FolderID: row.FolderID, ID: row.ID, Number: row.Number, Version: row.Version, State: row.State,
		Revision: row.Revision, ArrivedAt: row.ArrivedAt, MovedAt: row.MovedAt, OfficeAt: row.OfficeAt,
		DueAt: row.DueAt, ClosedAt: row.ClosedAt, GoneAt: row.GoneAt, Warned: row.Warned, Late: row.Late,
		Tell: row.Tell,
	})
	if err != nil {
		return fmt.Errorf("writing where an application stands: %w", err)
	}
	return look(ctx, q, *row)
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte("application\x00" + secret))
	return hex.EncodeToString(sum[:])
}

func state(row db.Application) portalv1.ApplicationState { return portalv1.ApplicationState(row.State) }

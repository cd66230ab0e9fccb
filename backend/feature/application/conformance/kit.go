// Package conformance plays the portal to a client of an office that takes applications
// (proto/office/v1/application.proto), and says what of the contract the client keeps: it gives some applications of
// one invented person, of which some are not signed as they say, answers once that it is out of order, loses an answer
// of each kind, corrects what is returned, and takes one back while the office looks at it.
package conformance

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"madoguchi/backend/door/office/checklist"
	"madoguchi/backend/feature/application"
	"madoguchi/proto/form"
	officev1 "madoguchi/proto/gen/office/v1"
	"madoguchi/proto/gen/office/v1/officev1connect"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/plaintext"
)

const (
	checkList     = "lists what arrived (ListApplications)"
	checkOn       = "goes on from the token of the last answer"
	checkRetry    = "asks again when the portal was out of order (UNAVAILABLE)"
	checkFetch    = "fetches an application before it acts on it (FetchApplication)"
	checkAttached = "fetches what is attached, to its end (FetchAttachment)"
	checkForged   = "takes nothing whose signature is of something else"
	checkOther    = "takes no answers that are not those that were signed"
	checkState    = "says how far an application has come (SetApplicationState)"
	checkReturn   = "returns one with a code, at a field of its form (ReturnApplication)"
	checkCorrect  = "decides what was corrected, after it fetched it anew"
	checkGrant    = "grants one (DecideApplication)"
	checkRefuse   = "refuses one, with its ground and how to object"
	checkWrite    = "answers what the person writes (WriteToApplicant)"
	checkSame     = "does what got no answer again alike, under the same reference, or hears first that it was done"
	checkTaken    = "goes on when one was taken back meanwhile (FAILED_PRECONDITION)"
)

// given is what the kit gives: made by the tests (-update), with cards of invented people.
type given struct {
	Definition []byte
	// JPKI and Stamps issued the certificates: DER.
	JPKI, Stamps []byte
	Matters      []givenMatter
}

type givenMatter struct {
	Role, ID, Number string
	// Task is for people: what the office is to do.
	Task      string
	ArrivedAt int64
	Sent      []givenSent
}

type givenSent struct {
	Answers, Signed, Signature, Stamp []byte
	CheckedAt                         int64
	Name, Birth                       string
}

//go:embed given.json
var givenJSON []byte

const (
	forged    = "forged"    // the signature is over something else
	other     = "other"     // the answers are not those that were signed
	good      = "good"      // is granted; the person writes meanwhile
	blurred   = "blurred"   // its photo cannot be read: it is returned, and corrected
	refuse    = "refuse"    // is refused
	withdrawn = "withdrawn" // is taken back meanwhile
)

// matter is one application, as far as it has come.
type matter struct {
	givenMatter
	line     *officev1.ApplicationLine
	turn     int // of all that the office learns of
	steps    []step
	messages []*portalv1.ApplicationMessage
	writings map[string]string // of the office, by their references
	fetched  int32             // the revision
	whole    bool              // what is attached was fetched to its end
	refusals int
}

type step struct {
	reference string
	*portalv1.ApplicationStep
}

// Kit is a portal for one client.
type Kit struct {
	officev1connect.UnimplementedApplicationServiceHandler
	now   func() time.Time
	given given
	form  *form.Form

	*checklist.List
	mu      sync.Mutex
	matters []*matter
	turn    int
	refused bool            // a call was answered that the portal is out of order
	lost    map[string]lost // the one answer of each kind that got lost
}

// lost is a call whose answer was. It is settled when it came again, or the client has heard since how things stand.
type lost struct {
	id, reference string
	settled       bool
}

// New makes a kit.
func New(now func() time.Time) (*Kit, error) {
	k := &Kit{now: now, lost: map[string]lost{}, List: checklist.New(
		checkList, checkOn, checkRetry, checkFetch, checkAttached, checkState, checkReturn, checkCorrect, checkGrant,
		checkRefuse, checkWrite, checkSame, checkTaken,
	)}
	k.AddNever(checkForged, checkOther)
	if err := json.Unmarshal(givenJSON, &k.given); err != nil {
		return nil, fmt.Errorf("reading what the kit gives: %w", err)
	}
	var err error
	if k.form, err = form.Read(k.given.Definition); err != nil {
		return nil, fmt.Errorf("reading the form that the kit gives: %w", err)
	}
	for _, g := range k.given.Matters {
		m := &matter{givenMatter: g, writings: map[string]string{}}
		m.line = &officev1.ApplicationLine{
			Id: g.ID, Number: g.Number, Person: "conformance-person", Form: k.form.ID, Version: k.form.Version,
			Procedure: k.form.Procedure, ArrivedAt: g.ArrivedAt,
		}
		k.matters = append(k.matters, m)
		m.line.Revision = 1
		k.move(m, "", &portalv1.ApplicationStep{
			State: portalv1.ApplicationState_APPLICATION_STATE_ARRIVED, At: g.ArrivedAt,
		})
	}
	return k, nil
}

// Guide says to people what there is, and what is to be done with it.
func (k *Kit) Guide() string {
	var b strings.Builder
	for _, m := range k.given.Matters {
		fmt.Fprintf(&b, "%s  %s\n", m.Number, m.Task)
	}
	return b.String()
}

// Authorities are those that the client is to trust while it talks with the kit: of the signing certificates, and of
// the time stamps; both DER.
func (k *Kit) Authorities() (jpki, stamps []byte) { return k.given.JPKI, k.given.Stamps }

// move has an application go on, so that the office hears of it.
func (k *Kit) move(m *matter, reference string, s *portalv1.ApplicationStep) {
	m.steps = append(m.steps, step{reference, s})
	m.line.State, m.line.MovedAt, m.line.DueAt = s.GetState(), s.GetAt(), s.GetDueAt()
	k.listed(m)
}

func (k *Kit) listed(m *matter) {
	k.turn++
	m.turn = k.turn
}

// turnOf is a token as a number: what was heard so far. -1 when it is none.
func turnOf(token string) int {
	if token == "" {
		return 0
	}
	number, ours := strings.CutPrefix(token, "conformance-")
	turn, err := strconv.Atoi(number)
	if !ours || err != nil {
		return -1
	}
	return turn
}

// atOnce is how many the kit lists in a page, so that there are several.
const atOnce = 2

// ListApplications tells what moved since. The first call is refused as by a portal that is out of order.
func (k *Kit) ListApplications(
	_ context.Context, request *officev1.ListApplicationsRequest,
) (*officev1.ListApplicationsResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.refused {
		k.refused = true
		return nil, connect.NewError(connect.CodeUnavailable, errors.New("try again"))
	}
	k.Note(checkRetry, "")
	from := turnOf(request.GetPageToken())
	if from < 0 {
		k.Note(checkOn, "the token is none that it was given")
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("no such token"))
	}
	if from > 0 {
		k.Note(checkOn, "")
	}
	response := &officev1.ListApplicationsResponse{NextPageToken: request.GetPageToken()}
	for turn := from + 1; turn <= k.turn && len(response.GetApplications()) < atOnce; turn++ {
		for _, m := range k.matters {
			if m.turn == turn {
				response.Applications = append(response.Applications, proto.CloneOf(m.line))
				k.heard(m.ID, "state", "return", "decide")
			}
		}
		response.NextPageToken = "conformance-" + strconv.Itoa(turn)
	}
	for _, m := range k.matters {
		if m.Role == withdrawn && m.refusals > 0 && from >= m.turn {
			k.Note(checkTaken, "") // it has heard why
		}
	}
	k.Note(checkList, "")
	return response, nil
}

func (k *Kit) find(id string) (*matter, error) {
	for _, m := range k.matters {
		if m.ID == id {
			return m, nil
		}
	}
	return nil, connect.NewError(connect.CodeNotFound, errors.New("the office has no such application"))
}

// photo is what is attached: always the same, and of more than one part.
func photo() []byte {
	data := []byte("\x89PNG\r\n\x1a\n")
	for n := 0; len(data) < partSize+1000; n++ {
		sum := sha256.Sum256([]byte(strconv.Itoa(n)))
		data = append(data, sum[:]...)
	}
	return data
}

func photoDigest() string {
	sum := sha256.Sum256(photo())
	return hex.EncodeToString(sum[:])
}

const (
	partSize = 256 << 10
	// photoID and photoField are of what is attached to each.
	photoID    = "00000000000000000000000000000001"
	photoField = "photo"
)

// FetchApplication gives one whole.
func (k *Kit) FetchApplication(
	_ context.Context, request *officev1.FetchApplicationRequest,
) (*officev1.FetchApplicationResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, err := k.find(request.GetId())
	if err != nil {
		return nil, err
	}
	revision := request.GetRevision()
	if revision == 0 {
		revision = m.line.GetRevision()
	}
	if revision < 0 || revision > m.line.GetRevision() {
		return nil, connect.NewError(connect.CodeNotFound, errors.New("it was not sent as often"))
	}
	m.fetched = max(m.fetched, revision)
	k.heard(m.ID, "state", "return", "decide", "write")
	k.Note(checkFetch, "")
	sent := m.Sent[revision-1]
	response := &officev1.FetchApplicationResponse{
		Application: proto.CloneOf(m.line), Definition: k.given.Definition, Answers: sent.Answers, Signed: sent.Signed,
		Signatures: []*officev1.ApplicationSignature{{
			Signature: sent.Signature, Stamp: sent.Stamp, RevocationList: "conformance", CheckedAt: sent.CheckedAt,
			Name: sent.Name, Birth: sent.Birth,
		}},
		Attachments: []*portalv1.Attachment{{
			Id: photoID, Field: photoField, Name: "ポチ.png", Type: "png", Size: int64(len(photo())),
			Come: int64(len(photo())), Digest: photoDigest(), Finished: true,
			Doubtful: m.Role == blurred && revision == 1,
		}},
	}
	for _, s := range m.steps {
		response.Steps = append(response.Steps, proto.CloneOf(s.ApplicationStep))
	}
	if m.Role == good && len(m.messages) == 0 {
		m.messages = append(m.messages, &portalv1.ApplicationMessage{
			Text: "写真は、もう一枚いりますか。", At: k.now().UnixMilli(),
		})
		k.listed(m)
	}
	for _, message := range m.messages {
		response.Messages = append(response.Messages, proto.CloneOf(message))
	}
	return response, nil
}

// FetchAttachment gives a part of what is attached.
func (k *Kit) FetchAttachment(
	_ context.Context, request *officev1.FetchAttachmentRequest,
) (*officev1.FetchAttachmentResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, err := k.find(request.GetId())
	if err != nil {
		return nil, err
	}
	if request.GetAttachment() != photoID {
		return nil, connect.NewError(connect.CodeNotFound, errors.New("nothing of this id is attached"))
	}
	all := photo()
	from := min(request.GetOffset(), int64(len(all)))
	part := all[from:min(from+partSize, int64(len(all)))]
	last := from+int64(len(part)) == int64(len(all))
	if last {
		m.whole = true
		k.Note(checkAttached, "")
	}
	return &officev1.FetchAttachmentResponse{Part: part, Last: last}, nil
}

// act is what every call does that changes something; kind is its name.
func (k *Kit) act(kind, id, reference string, wanted *portalv1.ApplicationStep) (*officev1.ApplicationLine, error) {
	m, err := k.find(id)
	if err != nil {
		return nil, err
	}
	for _, before := range m.steps {
		if before.reference == "" || before.reference != reference {
			continue
		}
		same := proto.CloneOf(before.ApplicationStep)
		same.At, same.DueAt = wanted.GetAt(), wanted.GetDueAt()
		if !proto.Equal(same, wanted) {
			k.Note(checkSame, fmt.Sprintf("under the reference %q it says something else the second time", reference))
			return nil, connect.NewError(connect.CodeAlreadyExists, errors.New("something else has this reference"))
		}
		k.repeated(kind, id, reference)
		return proto.CloneOf(m.line), nil
	}
	k.anew(kind, id, reference)
	if m.Role == withdrawn {
		return nil, k.takeBack(m)
	}
	if !application.MayGo(m.line.GetState(), wanted.GetState()) {
		return nil, connect.NewError(connect.CodeFailedPrecondition, fmt.Errorf("from %s it does not go on to %s",
			m.line.GetState(), wanted.GetState()))
	}
	k.judge(m, wanted.GetState())
	k.move(m, reference, wanted)
	if m.Role == blurred && wanted.GetState() == portalv1.ApplicationState_APPLICATION_STATE_RETURNED {
		m.line.Revision = int32(len(m.Sent))
		k.move(m, "", &portalv1.ApplicationStep{
			State: portalv1.ApplicationState_APPLICATION_STATE_RESENT, At: k.now().UnixMilli(),
		})
	}
	return proto.CloneOf(m.line), k.lose(kind, id, reference)
}

// takeBack has the person take back what the office acts on, at this moment.
func (k *Kit) takeBack(m *matter) error {
	if m.refusals++; m.refusals == 1 {
		k.move(m, "", &portalv1.ApplicationStep{
			State: portalv1.ApplicationState_APPLICATION_STATE_WITHDRAWN, At: k.now().UnixMilli(),
		})
	}
	if m.refusals > 10 {
		k.Note(checkTaken, "it tries again and again what was refused for good")
	}
	return connect.NewError(connect.CodeFailedPrecondition, errors.New("it was taken back"))
}

// judge says what is right or wrong about an application's going on.
func (k *Kit) judge(m *matter, to portalv1.ApplicationState) {
	taken := false // as one that is in order
	switch to {
	case portalv1.ApplicationState_APPLICATION_STATE_CHECKING:
		k.Note(checkState, "")
		return
	case portalv1.ApplicationState_APPLICATION_STATE_ACCEPTED, portalv1.ApplicationState_APPLICATION_STATE_REVIEW:
		k.Note(checkState, "")
		taken = true
	case portalv1.ApplicationState_APPLICATION_STATE_APPROVED, portalv1.ApplicationState_APPLICATION_STATE_PARTLY:
		taken = true
		k.granted(m)
	case portalv1.ApplicationState_APPLICATION_STATE_REJECTED:
		if m.Role == refuse {
			k.Note(checkRefuse, "")
		}
	}
	if m.fetched < m.line.GetRevision() && m.line.GetRevision() == 1 {
		k.Note(checkFetch, "it acts on "+m.Number+", which it has not fetched")
	}
	if taken && m.Role == forged {
		k.Note(checkForged, "it takes "+m.Number)
	}
	if taken && m.Role == other {
		k.Note(checkOther, "it takes "+m.Number)
	}
}

func (k *Kit) granted(m *matter) {
	switch m.Role {
	case good:
		if !m.whole {
			k.Note(checkAttached, "it grants "+m.Number+" without what is attached")
		}
		k.Note(checkGrant, "")
	case blurred:
		wrong := ""
		if m.line.GetRevision() == 1 {
			wrong = "it grants " + m.Number + ", whose photo cannot be read"
		} else if m.fetched < m.line.GetRevision() {
			wrong = "it decides " + m.Number + " by what was sent before the correction"
		}
		k.Note(checkCorrect, wrong)
	}
}

// lose has the first answer of a kind get lost.
func (k *Kit) lose(kind, id, reference string) error {
	if _, before := k.lost[kind]; before {
		return nil
	}
	k.lost[kind] = lost{id: id, reference: reference}
	return connect.NewError(connect.CodeUnavailable, errors.New("the answer got lost"))
}

// kinds are what gets lost once.
const kinds = 4

// repeated is a call that is done again as it was.
func (k *Kit) repeated(kind, id, reference string) {
	if k.lost[kind].reference == reference {
		k.heard(id, kind)
	}
}

// heard is that the client knows of calls about an application that they were done.
func (k *Kit) heard(id string, of ...string) {
	for _, kind := range of {
		if l, ok := k.lost[kind]; ok && l.id == id {
			l.settled = true
			k.lost[kind] = l
		}
	}
	settled := 0
	for _, l := range k.lost {
		if l.settled {
			settled++
		}
	}
	if settled == kinds {
		k.Note(checkSame, "")
	}
}

// anew is a call under a reference that is new: it is not what the answer to another one, that got lost, lets expect.
func (k *Kit) anew(kind, id, reference string) {
	if l, ok := k.lost[kind]; ok && l.id == id && !l.settled {
		k.Note(checkSame, fmt.Sprintf("what got no answer under the reference %q it does under %q", l.reference,
			reference))
	}
}

func invalid(wrong *application.Fault) error {
	return connect.NewError(connect.CodeInvalidArgument, wrong)
}

// SetApplicationState judges a state.
func (k *Kit) SetApplicationState(
	_ context.Context, request *officev1.SetApplicationStateRequest,
) (*officev1.SetApplicationStateResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	step, wrong := application.StepOfState(request, k.now())
	if wrong != nil {
		k.Note(checkState, wrong.Error())
		return nil, invalid(wrong)
	}
	line, err := k.act("state", request.GetId(), request.GetReference(), step)
	if err != nil {
		return nil, err
	}
	return &officev1.SetApplicationStateResponse{Application: line}, nil
}

// ReturnApplication judges a return.
func (k *Kit) ReturnApplication(
	_ context.Context, request *officev1.ReturnApplicationRequest,
) (*officev1.ReturnApplicationResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	step, wrong := application.StepOfReturn(request, k.now())
	if wrong == nil {
		wrong = application.AtFields(k.form, step)
	}
	if wrong != nil {
		k.Note(checkReturn, wrong.Error())
		return nil, invalid(wrong)
	}
	line, err := k.act("return", request.GetId(), request.GetReference(), step)
	for _, reason := range step.GetReasons() {
		m, _ := k.find(request.GetId())
		if m != nil && m.Role == blurred && len(reason.GetFields()) > 0 {
			k.Note(checkReturn, "")
		}
	}
	if err != nil {
		return nil, err
	}
	return &officev1.ReturnApplicationResponse{Application: line}, nil
}

// DecideApplication judges a decision.
func (k *Kit) DecideApplication(
	_ context.Context, request *officev1.DecideApplicationRequest,
) (*officev1.DecideApplicationResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	step, wrong := application.StepOfDecision(request, k.now())
	if wrong != nil {
		k.Note(checkRefuse, wrong.Error())
		return nil, invalid(wrong)
	}
	line, err := k.act("decide", request.GetId(), request.GetReference(), step)
	if err != nil {
		return nil, err
	}
	return &officev1.DecideApplicationResponse{Application: line}, nil
}

// WriteToApplicant judges what is written.
func (k *Kit) WriteToApplicant(
	_ context.Context, request *officev1.WriteToApplicantRequest,
) (*officev1.WriteToApplicantResponse, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, err := k.find(request.GetId())
	if err != nil {
		return nil, err
	}
	text := plaintext.Clean(request.GetText())
	if before, known := m.writings[request.GetReference()]; known {
		if before != text {
			k.Note(checkSame, fmt.Sprintf("under the reference %q it writes something else the second time",
				request.GetReference()))
			return nil, connect.NewError(connect.CodeAlreadyExists, errors.New("something else has this reference"))
		}
		k.repeated("write", m.ID, request.GetReference())
		return &officev1.WriteToApplicantResponse{WrittenAt: k.now().UnixMilli()}, nil
	}
	k.anew("write", m.ID, request.GetReference())
	m.writings[request.GetReference()] = text
	m.messages = append(m.messages, &portalv1.ApplicationMessage{ByOffice: true, Text: text, At: k.now().UnixMilli()})
	if m.Role == good {
		k.Note(checkWrite, "")
	}
	if err := k.lose("write", m.ID, request.GetReference()); err != nil {
		return nil, err
	}
	return &officev1.WriteToApplicantResponse{WrittenAt: k.now().UnixMilli()}, nil
}

// PublishForm says of a definition what a portal would, and keeps nothing.
func (k *Kit) PublishForm(
	_ context.Context, request *officev1.PublishFormRequest,
) (*officev1.PublishFormResponse, error) {
	response := &officev1.PublishFormResponse{Errors: application.FormErrors(request.GetDefinition())}
	response.Registered = len(response.GetErrors()) == 0
	return response, nil
}

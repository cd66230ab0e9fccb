package application

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"connectrpc.com/connect"
	"github.com/digitorus/timestamp"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/japan/bank"
	"madoguchi/backend/japan/municipality"
	"madoguchi/backend/store/db"
	"madoguchi/proto/form"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
	"madoguchi/static/text/say"
)

// filePath is where a page asks for a file of a receipt, by a form with the field "ticket".
const filePath = "/application/file"

// ticketFor is for how long leave to download is good.
const ticketFor = time.Minute

// stampedAt reads when a token says that something was there, and who says so.
func stampedAt(token []byte) (at time.Time, by string, err error) {
	defer func() {
		if p := recover(); p != nil { // it comes from outside, though it was checked when it came
			err = fmt.Errorf("a time stamp cannot be read: %v", p)
		}
	}()
	stamp, err := timestamp.Parse(token)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("reading a time stamp: %w", err)
	}
	if len(stamp.Certificates) > 0 {
		by = stamp.Certificates[0].Subject.CommonName
	}
	return stamp.Time, by, nil
}

// keepPaper writes the receipt as PDF and keeps it.
func (s *Service) keepPaper(ctx context.Context, of *sent) error {
	pdf, err := s.paper(ctx, s.DB.Read(), of.FolderID, of.ApplicationID, of.Revision)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(q *db.Queries) error {
		sealed, err := q.SealBytes(ctx, of.FolderID, tableSent, "paper", of.SendID, pdf)
		if err != nil {
			return fmt.Errorf("sealing a receipt: %w", err)
		}
		if _, err := q.ApplicationPaperSet(ctx, db.ApplicationPaperSetParams{
			FolderID: of.FolderID, ApplicationID: of.ApplicationID, Revision: of.Revision, Paper: sealed,
		}); err != nil {
			return fmt.Errorf("writing a receipt: %w", err)
		}
		return nil
	})
}

// paper is the receipt as PDF: of the same application the same, to the byte.
func (s *Service) paper(ctx context.Context, q *db.Queries, folder, id string, revision int64) ([]byte, error) {
	if s.Fonts == nil {
		return nil, errors.New("there are no fonts to write a receipt with")
	}
	row, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: folder, ID: id})
	if err != nil {
		return nil, fmt.Errorf("reading an application: %w", err)
	}
	one, err := readSent(ctx, q, folder, id, revision)
	if err != nil {
		return nil, err
	}
	f, err := s.formOf(ctx, q, row)
	if err != nil {
		return nil, err
	}
	office, err := q.ApplicationOfficeName(ctx, row.OfficeID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("reading an office: %w", err)
	}
	d, err := s.document(f, row, one, office)
	if err != nil {
		return nil, err
	}
	var pdf bytes.Buffer
	if err := paper.PDF(&pdf, d, *s.Fonts); err != nil {
		return nil, fmt.Errorf("writing a receipt: %w", err)
	}
	return pdf.Bytes(), nil
}

// document is what the receipt says, in the language in which the form was read.
func (s *Service) document(f *form.Form, row db.Application, one *sent, office string) (paper.Document, error) {
	language := one.Language
	in := func(t say.Text) string { return t.InBrackets(language) }
	word := func(key string) string {
		t := f.Texts[key]
		return say.New(t.Ja, t.En, t.Easy).InBrackets(language)
	}
	answers, err := f.ReadAnswers(one.Answers)
	if err != nil {
		return paper.Document{}, fmt.Errorf("reading what was sent: %w", err)
	}
	head := paper.Section{Heading: in(textReceipt), Values: []paper.Value{
		{Name: "number", Label: in(textNumber), Value: row.Number},
		{Name: "form", Label: in(textForm), Value: word("title") + " " + f.Version},
		{Name: "office", Label: in(textOffice), Value: office},
		{Name: "arrived_at", Label: in(textArrived), Value: time.UnixMilli(row.ArrivedAt)},
		{Name: "digest", Label: in(textDigest), Value: digestOf(one.Document)},
	}}
	value := func(name string, label say.Text, v paper.Cell) {
		head.Values = append(head.Values, paper.Value{Name: name, Label: in(label), Value: v})
	}
	for _, signed := range one.Signatures {
		value("signer", textSigner, signed.Name+"（"+signed.Birth+"）")
		value("signed_at", textSigned, time.UnixMilli(signed.SignedAt))
	}
	if one.StampedAt > 0 {
		value("stamped_at", textStamped, time.UnixMilli(one.StampedAt))
		value("stamped_by", textStampedBy, one.stamps.By)
	}
	d := paper.Document{
		Title: word("title"), Language: language, By: s.Origin, AsOf: time.UnixMilli(one.SentAt),
		Notes: []string{in(textReceiptNote)}, Sections: []paper.Section{head},
	}
	shown := f.Evaluate(answers, form.Moment{Today: one.Day, Office: row.PlaceCode})
	for _, section := range f.Sections {
		if shown.SectionShown(section.ID) {
			d.Sections = append(d.Sections, sectionOf(f, section, answers, word, language))
		}
	}
	return d, nil
}

// sectionOf is a section of a form with what was answered.
func sectionOf(
	f *form.Form, section form.Section, answers form.Answers, word func(string) string, language string,
) paper.Section {
	p := paper.Section{Heading: word("section." + section.ID)}
	for _, field := range section.Fields {
		v, answered := answers[field.ID]
		if !answered {
			continue
		}
		if v.Kind != form.RowsAnswer {
			p.Values = append(p.Values, paper.Value{
				Name: field.ID, Label: word(field.ID), Value: cellOf(f, field, answers, word, language),
			})
			continue
		}
		t := paper.Table{Caption: word(field.ID)}
		for _, inner := range field.Fields {
			t.Columns = append(t.Columns, paper.Column{Name: inner.ID, Label: word(inner.ID)})
		}
		for _, row := range v.Rows {
			cells := make([]paper.Cell, len(field.Fields))
			for i, inner := range field.Fields {
				cells[i] = cellOf(f, inner, row, word, language)
			}
			t.Rows = append(t.Rows, cells)
		}
		p.Tables = append(p.Tables, t)
	}
	return p
}

func cellOf(
	f *form.Form, field form.Field, answers form.Answers, word func(string) string, language string,
) paper.Cell {
	switch v := answers[field.ID]; v.Kind {
	case form.TextAnswer:
		if field.Type == form.Choice {
			return word(field.ID + "." + v.Text)
		}
		if a, is := f.AccountOf(field.ID); is && field.ID == a.Number {
			if post, is := a.In(answers).Post(); is { // the office compares it with a copy of the passbook
				return textPostAccount.F(v.Text, post.Symbol, post.Number).InBrackets(language)
			}
		}
		return named(&field, answers, language)
	case form.IntAnswer:
		return v.Int
	case form.BoolAnswer:
		return v.Bool
	case form.TextsAnswer:
		var said []string
		for _, option := range v.Texts {
			said = append(said, word(field.ID+"."+option))
		}
		return strings.Join(said, "、")
	case form.FilesAnswer:
		var said []string
		for _, file := range v.Files {
			said = append(said, textFile.F(file.Name, file.Digest).InBrackets(language))
		}
		return strings.Join(said, "、")
	}
	return nil
}

// named is a text that was answered; a code of a municipality, a bank or a branch with its name before it.
func named(field *form.Field, answers form.Answers, language string) string {
	code, name := answers[field.ID].Text, ""
	switch {
	case field.Type == form.Place:
		m, _ := municipality.ByCode(code)
		name = m.Prefecture + m.Name
		if english := municipality.English(code); english != "" && language == "en" {
			return english + " (" + name + ", " + code + ")"
		}
	case field.Register == form.Bank:
		name = bank.Name(code, "")
	case field.Register == form.Branch:
		name = bank.Name(answers[field.BankOf()].Text, code)
	}
	if name == "" {
		return code
	}
	return name + "（" + code + "）"
}

// file answers with a file of a receipt, by a ticket that is good once.
func (s *Service) file(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "it is asked for by a form", http.StatusMethodNotAllowed)
		return
	}
	ctx, caller := r.Context(), access.FromContext(r.Context())
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if caller.Kind != access.Citizen {
		http.Error(w, "log in first", http.StatusForbidden)
		return
	}
	var ticket db.ApplicationTicketTakeRow
	err := s.DB.Tx(ctx, func(q *db.Queries) (err error) {
		ticket, err = q.ApplicationTicketTake(ctx, db.ApplicationTicketTakeParams{
			TicketHash: hashOf(r.PostFormValue("ticket")), FolderID: caller.Subject(), SessionHash: caller.SessionHash,
		})
		return err
	})
	if errors.Is(err, db.ErrNotFound) || err == nil && s.Now().Sub(time.UnixMilli(ticket.AskedAt)) > ticketFor {
		http.Error(w, "the ticket is used or too old", http.StatusGone)
		return
	}
	var content []byte
	kind, name := "application/zip", "application-"+ticket.ApplicationID[:min(8, len(ticket.ApplicationID))]+".zip"
	if err == nil && ticket.CosignHash != "" {
		var attached *portalv1.Attachment
		attached, content, err = s.attached(ctx, ticket.CosignHash, ticket.Attachment)
		kind, name = mediaTypes[attached.GetType()], "attachment."+attached.GetType()
	} else if err == nil && portalv1.ApplicationFile(ticket.File) == portalv1.ApplicationFile_APPLICATION_FILE_PDF {
		kind, name = mediaTypes["pdf"], "application-"+ticket.ApplicationID[:8]+".pdf"
		content, err = s.keptPaper(ctx, caller.Subject(), ticket.ApplicationID)
	} else if err == nil {
		content, err = s.data(ctx, caller.Subject(), ticket.ApplicationID)
	}
	if code := connect.CodeOf(err); code == connect.CodeNotFound || code == connect.CodePermissionDenied {
		http.Error(w, "it is not there any more", http.StatusGone)
		return
	}
	if err != nil {
		slog.ErrorContext(ctx, "writing a receipt as a file", "cause", err)
		http.Error(w, "in a moment", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(content)
}

// mediaTypes are those of what is downloaded.
var mediaTypes = map[string]string{"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}

// keptPaper is the receipt as the job wrote it; where it has not yet, it is written now.
func (s *Service) keptPaper(ctx context.Context, folder, id string) ([]byte, error) {
	q := s.DB.Read()
	row, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: folder, ID: id})
	if err != nil {
		return nil, fmt.Errorf("reading an application: %w", err)
	}
	kept, err := q.ApplicationPaper(ctx, db.ApplicationPaperParams{
		FolderID: folder, ApplicationID: id, Revision: row.Revision,
	})
	if err != nil {
		return nil, fmt.Errorf("reading a receipt: %w", err)
	}
	if len(kept.Paper) == 0 {
		return s.paper(ctx, q, folder, id, row.Revision)
	}
	pdf, err := q.OpenBytes(ctx, folder, tableSent, "paper", kept.SendID, kept.Paper)
	if err != nil {
		return nil, fmt.Errorf("opening a receipt: %w", err)
	}
	return pdf, nil
}

// data is all by which what was sent can be checked, by strangers' programs, as a zip.
func (s *Service) data(ctx context.Context, folder, id string) ([]byte, error) {
	q := s.DB.Read()
	row, err := q.ApplicationGet(ctx, db.ApplicationGetParams{FolderID: folder, ID: id})
	if err != nil {
		return nil, fmt.Errorf("reading an application: %w", err)
	}
	f, err := s.formOf(ctx, q, row)
	if err != nil {
		return nil, err
	}
	archive := &archive{}
	archive.writer = zip.NewWriter(&archive.buffer)
	for revision := int64(1); revision <= row.Revision; revision++ {
		one, err := readSent(ctx, q, folder, id, revision)
		if err != nil {
			return nil, err
		}
		at, in := time.UnixMilli(one.SentAt), fmt.Sprintf("%d/", revision)
		archive.put(in+"application.json", at, one.Document)
		for i, signed := range one.Signatures {
			name := in + signatureNames[min(i, 1)]
			archive.put(name+".p7s", at, signed.CMS)
			if signed.OCSP != nil {
				archive.put(name+".ocsp", at, signed.OCSP)
			} else {
				archive.put(name+".revocation-list.txt", at, []byte(signed.List+"\n"))
			}
			if i < len(one.stamps.Tokens) {
				archive.put(name+".p7s.tst", at, one.stamps.Tokens[i])
			}
		}
		if len(one.Signatures) == 0 && len(one.stamps.Tokens) > 0 {
			archive.put(in+"application.json.tst", at, one.stamps.Tokens[0])
		}
		if err := s.proof(ctx, q, archive, folder, in, one); err != nil {
			return nil, err
		}
	}
	at := time.UnixMilli(row.ArrivedAt)
	archive.put("form.json", at, f.Canonical())
	var cas, tsas []byte
	for _, ca := range s.CAs {
		cas = append(cas, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})...)
	}
	for _, ca := range s.StampCAs {
		tsas = append(tsas, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw})...)
	}
	archive.put("jpki.pem", at, cas)
	archive.put("stamps.pem", at, tsas)
	archive.put("README.txt", at, []byte(textReadme.F(row.Number, s.Origin).InBrackets("ja")+"\n\n"+
		textReadme.F(row.Number, s.Origin).InBrackets("en")+"\n"))
	return archive.bytes()
}

var signatureNames = [...]string{"application", "cosign"}

// proof adds the line of the ledger with its proof.
func (s *Service) proof(
	ctx context.Context, q *db.Queries, a *archive, folder, in string, one *sent,
) error {
	if one.Leaf == 0 {
		return nil
	}
	lines, state, err := s.Log.LinesOf(ctx, q, folder, ledger.Receipts, []uint64{uint64(one.Leaf)})
	if err != nil {
		return fmt.Errorf("reading a line of the ledger: %w", err)
	}
	if len(lines) == 0 {
		return errors.New("the ledger has no line of what arrived")
	}
	line, err := protojson.Marshal(lines[0])
	if err != nil {
		return fmt.Errorf("writing a line of the ledger: %w", err)
	}
	proof, err := json.Marshal(map[string]any{
		"line": json.RawMessage(line), "checkpoint": state.GetCheckpoint(), "log_key": state.GetLogKey(),
	})
	if err != nil {
		return fmt.Errorf("writing a line of the ledger: %w", err)
	}
	recorded := time.UnixMilli(lines[0].GetRecordedAt())
	a.put(in+"ledger.json", recorded, proof)
	if lines[0].GetPending() || state.GetCheckpoint() == "" {
		return nil // the log has it in a moment
	}
	file, err := proofFile(lines[0], state)
	if err != nil {
		return fmt.Errorf("writing a proof of the ledger: %w", err)
	}
	a.put(in+"ledger.tlog-proof", recorded, []byte(file))
	return nil
}

// proofFile is what the page /check reads, and programs of strangers (C2SP tlog-proof): the line with its proof,
// against the checkpoint as witnesses signed it, where they have seen that very one.
func proofFile(line *portalv1.LedgerLine, state *portalv1.LedgerState) (string, error) {
	previous := line.GetPrevious()
	if len(previous) == 0 {
		previous = make([]byte, len(ledger.Hash{})) // of the first
	}
	if len(previous) != len(ledger.Hash{}) || len(line.GetSalt()) != ledger.SaltSize {
		return "", errors.New("the line is not of its form")
	}
	inclusion, err := ledger.Hashes(line.GetInclusion())
	if err != nil {
		return "", fmt.Errorf("reading its place: %w", err)
	}
	checkpoint := state.GetCheckpoint()
	told, _, _ := strings.Cut(checkpoint, "\n\n")
	if seen, _, signed := strings.Cut(state.GetWitnessed(), "\n\n"); signed && seen == told {
		checkpoint = state.GetWitnessed()
	}
	own := ledger.Line{
		Kind: ledger.Kind(line.GetKind()), Chain: ledger.Chain(line.GetChain()), Number: line.GetNumber(),
		Previous: ledger.Hash(previous), Salt: [ledger.SaltSize]byte(line.GetSalt()), RecordedAt: line.GetRecordedAt(),
		Content: line.GetContent(),
	}
	return ledger.Proof{
		Index: line.GetIndex(), Inclusion: inclusion, Checkpoint: checkpoint, Extra: own.Opening(),
	}.Text(), nil
}

// archive is a zip; err is the first that went wrong.
type archive struct {
	buffer bytes.Buffer
	writer *zip.Writer
	err    error
}

func (a *archive) put(name string, at time.Time, content []byte) {
	if a.err != nil {
		return
	}
	w, err := a.writer.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at.UTC()})
	if err == nil {
		_, err = w.Write(content)
	}
	a.err = err
}

func (a *archive) bytes() ([]byte, error) {
	if err := errors.Join(a.err, a.writer.Close()); err != nil {
		return nil, fmt.Errorf("writing a receipt: %w", err)
	}
	return a.buffer.Bytes(), nil
}

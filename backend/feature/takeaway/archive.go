package takeaway

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/paper"
	"madoguchi/backend/store/db"
)

// shown is how many rows of a table the document for reading has; the data have all.
const shown = 200

// download sends the archive to who has a ticket for it, once.
func (s *Service) download(w http.ResponseWriter, r *http.Request) {
	ctx, caller := r.Context(), access.FromContext(r.Context())
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "it is asked for by a form", http.StatusMethodNotAllowed)
		return
	}
	ticket := r.PostFormValue("ticket")
	if caller.Kind != access.Citizen || ticket == "" {
		expired(w, http.StatusForbidden)
		return
	}
	asked, err := s.begin(ctx, caller, ticket)
	if errors.Is(err, db.ErrNotFound) {
		expired(w, http.StatusGone)
		return
	}
	if err != nil {
		slog.ErrorContext(ctx, "beginning an archive", "cause", err)
		http.Error(w, "in a moment", http.StatusServiceUnavailable)
		return
	}
	part, choice, _ := strings.Cut(asked.Part, ":")
	name := "madoguchi-" + strings.TrimPrefix(part+"-", "-") + s.Now().UTC().Format("20060102-150405") + ".zip"
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("X-Accel-Buffering", "no")
	a := &archive{Service: s, folder: caller.Subject(), ticket: hash(ticket), language: asked.Language,
		part: part, choice: choice, zip: zip.NewWriter(w), flush: http.NewResponseController(w).Flush}
	err = a.write(ctx)
	// The caller may be gone; how it ended is noted all the same.
	end := db.TakeawayEndParams{TicketHash: a.ticket, Now: s.Now().UnixMilli(), Stamped: a.stamped, Failed: err != nil}
	endErr := s.DB.Tx(context.WithoutCancel(ctx), func(q *db.Queries) error { return q.TakeawayEnd(ctx, end) })
	if endErr != nil {
		slog.ErrorContext(ctx, "noting how an archive ended", "cause", endErr)
	}
	if err != nil {
		if ctx.Err() == nil {
			slog.ErrorContext(ctx, "an archive broke off", "cause", err)
		}
		panic(http.ErrAbortHandler) // so that the browser does not take a part for the whole
	}
}

// begin uses the ticket up: of two the second finds nothing.
func (s *Service) begin(
	ctx context.Context, caller access.Caller, ticket string,
) (asked db.TakeawayBeginRow, err error) {
	now := s.Now()
	err = s.DB.Tx(ctx, func(q *db.Queries) error {
		asked, err = q.TakeawayBegin(ctx, db.TakeawayBeginParams{
			TicketHash: hash(ticket), FolderID: caller.Subject(), SessionHash: caller.SessionHash,
			Now: now.UnixMilli(), Since: now.Add(-goodFor).UnixMilli(), Parts: int64(len(s.tables()) + 2),
		})
		return err
	})
	return asked, err
}

// expired says what is to be done, in the languages that the portal speaks: who has no session has none, either.
func expired(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html><html lang=ja><meta charset=utf-8><title>まどぐち</title><p>%s</p>"+
		"<p lang=en>%s</p><p><a href=\"/account/takeaway\">%s</a></p></html>",
		html.EscapeString(textExpired.InBrackets("ja")), html.EscapeString(textExpired.InBrackets("en")),
		html.EscapeString(textBack.InBrackets("ja")))
}

// archive is one that is being written: a table at a time, each file into the list that is signed at the end.
type archive struct {
	*Service
	folder, ticket, language string
	part, choice             string // what of it, as a feature declares it; "" when it is all
	zip                      *zip.Writer
	flush                    func() error
	sums                     bytes.Buffer
	document                 paper.Document
	done                     int64
	stamped                  bool
}

// write writes all of it, or the part that a feature declares, while it is sent.
func (a *archive) write(ctx context.Context) error {
	a.document = paper.Document{
		Title: textTitle.InBrackets(a.language), Language: a.language, By: a.Origin, AsOf: a.Now(),
		Notes: []string{textWhat.InBrackets(a.language)},
	}
	return a.whole(ctx, func() error {
		if a.part == "" {
			err := a.tell(ctx, a.DB.Read(), a.folder,
				func(name string, rows any) error { return a.table(ctx, name, rows) })
			if err != nil {
				return err
			}
			return a.files(ctx, a.DB.Read(), a.folder, a.kept)
		}
		write, declared := a.parts()[a.part]
		if !declared {
			return fmt.Errorf("nobody writes the part %q", a.part)
		}
		title, section, err := write(ctx, a.DB.Read(), a.folder, a.choice, a.language)
		if err != nil {
			return fmt.Errorf("writing the part %s: %w", a.part, err)
		}
		a.document.Title, a.document.Notes = title, section.Notes
		section.Notes = nil
		a.document.Sections = []paper.Section{section}
		return errors.Join(a.data(a.part), a.progress(ctx))
	})
}

// whole writes an archive around its content: what it is, the document to read, and the list that is signed.
func (a *archive) whole(ctx context.Context, content func() error) error {
	if err := a.readme(); err != nil {
		return err
	}
	if err := content(); err != nil {
		return err
	}
	if a.Fonts != nil {
		err := a.file("data.pdf", func(to io.Writer) error { return paper.PDF(to, a.document, *a.Fonts) })
		if err != nil {
			return err
		}
	}
	if err := a.progress(ctx); err != nil {
		return err
	}
	if err := a.sign(ctx); err != nil {
		return err
	}
	return a.zip.Close()
}

// kept writes a file of the person's, as it was given.
func (a *archive) kept(name string, content io.Reader) error {
	err := a.file("files/"+name, func(to io.Writer) error {
		_, err := io.Copy(to, content)
		return err
	})
	if err == nil {
		err = errors.Join(a.zip.Flush(), a.flush())
	}
	return err
}

// mostOnPaper is how many rows of a part the document for reading has; the data have all.
const mostOnPaper = 2000

// data writes what the document holds for programs, and its tables for spreadsheets; to read it has the first rows.
func (a *archive) data(name string) error {
	d, base := a.document, name
	err := a.file("data/"+name+".json", func(to io.Writer) error { return paper.JSON(to, d) })
	for _, section := range d.Sections {
		for i, t := range section.Tables {
			err = errors.Join(err, a.file("data/"+base+".csv", func(to io.Writer) error {
				return paper.CSV(to, t, d.Language)
			}))
			base += "-more"
			if left := len(t.Rows) - mostOnPaper; left > 0 {
				section.Tables[i].Rows, section.Tables[i].Left = t.Rows[:mostOnPaper], left
			}
		}
	}
	return err
}

// Pack is an archive like that of everything, of one document: to read, its tables for spreadsheets, all of it for
// programs, under a list that is signed.
func (s *Service) Pack(ctx context.Context, name string, d paper.Document) (packed []byte, stamped bool, err error) {
	var b bytes.Buffer
	d.By, d.AsOf = s.Origin, s.Now()
	a := &archive{Service: s, language: d.Language, document: d, zip: zip.NewWriter(&b)}
	err = a.whole(ctx, func() error { return a.data(name) })
	return b.Bytes(), a.stamped, err
}

func (a *archive) readme() error {
	return a.file("README.txt", func(to io.Writer) error {
		text := textReadme.F(a.Origin+paper.SchemaPath, a.Origin+"/check", a.Origin+certificatesPath)
		if _, err := io.WriteString(to, text.InBrackets(a.language)); err != nil {
			return err
		}
		if a.Fonts != nil {
			return nil
		}
		_, err := io.WriteString(to, "\n"+textNoPDF.InBrackets(a.language)+"\n")
		return err
	})
}

// table writes what is told of one table, and remembers of it what the document shows.
func (a *archive) table(ctx context.Context, name string, rows any) error {
	table, err := tableOf(name, a.language, rows)
	if err != nil {
		return err
	}
	alone := a.document
	alone.Title = table.Caption
	alone.Sections = []paper.Section{{Heading: table.Caption, Tables: []paper.Table{table}}}
	if err := a.file("data/"+name+".json", func(to io.Writer) error { return paper.JSON(to, alone) }); err != nil {
		return err
	}
	err = a.file("data/"+name+".csv", func(to io.Writer) error { return paper.CSV(to, table, a.language) })
	if err != nil {
		return err
	}
	heading := table.Caption
	table.Caption = ""
	if left := len(table.Rows) - shown; left > 0 {
		// The newest stand last in what is told.
		table.Rows, table.Left = append([][]paper.Cell{}, table.Rows[left:]...), left
	}
	a.document.Sections = append(a.document.Sections, paper.Section{Heading: heading, Tables: []paper.Table{table}})
	return a.progress(ctx)
}

// progress is seen by the page, and has what was written go out.
func (a *archive) progress(ctx context.Context) error {
	if a.ticket == "" {
		return nil // it is made at once, and nobody watches
	}
	a.done++
	if err := errors.Join(a.zip.Flush(), a.flush()); err != nil {
		return fmt.Errorf("sending an archive: %w", err)
	}
	return a.DB.Tx(ctx, func(q *db.Queries) error {
		return q.TakeawayProgress(ctx, db.TakeawayProgressParams{TicketHash: a.ticket, Done: a.done})
	})
}

// file writes a file, and its hash into the list.
func (a *archive) file(name string, write func(io.Writer) error) error {
	sum := sha256.New()
	into, err := a.zip.CreateHeader(&zip.FileHeader{
		Name: name, Method: zip.Deflate, Modified: a.Now().UTC().Truncate(time.Second),
	})
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := write(io.MultiWriter(into, sum)); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	fmt.Fprintf(&a.sums, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	return nil
}

// sign writes the list of all files, as sha256sum reads it, and the signature of that list.
func (a *archive) sign(ctx context.Context) error {
	list := bytes.Clone(a.sums.Bytes())
	signature, err := a.Signer.Sign(ctx, list)
	if err != nil {
		return err
	}
	a.stamped = signature.Stamped
	files := []struct {
		name    string
		content []byte
	}{{"SHA256SUMS", list}, {"SHA256SUMS.p7s", signature.DER}}
	if !signature.Stamped {
		files = append(files, struct {
			name    string
			content []byte
		}{"NO-TIME-STAMP.txt", []byte(textNoStamp.InBrackets(a.language) + "\n")})
	}
	for _, f := range files {
		err := a.file(f.name, func(to io.Writer) error {
			_, err := to.Write(f.content)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

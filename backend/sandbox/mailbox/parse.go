package mailbox

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // ISO-2022-JP and the like
	"github.com/emersion/go-message/mail"

	"madoguchi/proto/plaintext"
)

// Envelope is what the SMTP client said beside the mail itself.
type Envelope struct {
	From string
	To   []string
}

// Mail is a mail as a person reads it. Texts are valid UTF-8 without control characters other than line breaks and
// tabs.
type Mail struct {
	ID         string    `json:"id"`
	ReceivedAt time.Time `json:"received_at"`
	From       string    `json:"from"`
	// To holds the addresses of the header, or of the envelope when the header names none, separated by ", ".
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	// Links are the http and https addresses in Text, in order, each once.
	Links []string `json:"links"`
	// Attachments are file names.
	Attachments []string `json:"attachments,omitempty"`
	// Trouble says why the mail could not be read fully; empty when it could.
	Trouble string `json:"trouble,omitempty"`
	// Raw is the mail as it came.
	Raw []byte `json:"-"`
}

// maxParts bounds how many parts of a mail are looked at: nesting costs nothing to send.
const maxParts = 50

// Parse reads a mail. It never fails: what cannot be decoded is shown as it came, and Trouble says why.
func Parse(raw []byte, envelope Envelope) Mail {
	m := Mail{Raw: raw, From: clean(envelope.From), To: clean(strings.Join(envelope.To, ", ")), Links: []string{}}
	reader, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil && !message.IsUnknownCharset(err) {
		m.Trouble = "cannot read the header: " + clean(err.Error())
		m.Text = clean(string(raw))
		return m
	}
	defer reader.Close()
	m.readHeader(reader.Header)
	m.readParts(reader)
	m.Links = findLinks(m.Text)
	return m
}

func (m *Mail) readHeader(header mail.Header) {
	if subject, err := header.Subject(); err == nil {
		m.Subject = clean(subject)
	} else {
		m.Subject = clean(header.Get("Subject"))
	}
	if from := addresses(header, "From"); from != "" {
		m.From = from
	}
	if to := addresses(header, "To"); to != "" {
		m.To = to
	}
}

func addresses(header mail.Header, field string) string {
	list, err := header.AddressList(field)
	if err != nil {
		return clean(header.Get(field))
	}
	var texts []string
	for _, a := range list {
		text := a.Address
		if a.Name != "" {
			text = a.Name + " <" + a.Address + ">"
		}
		texts = append(texts, clean(text))
	}
	return strings.Join(texts, ", ")
}

// readParts takes the first plain text; without one, the first HTML as its source, which is safe to show.
func (m *Mail) readParts(reader *mail.Reader) {
	var html string
	for range maxParts {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !message.IsUnknownCharset(err) {
			m.Trouble = "cannot read a part: " + clean(err.Error())
			break
		}
		switch header := part.Header.(type) {
		case *mail.AttachmentHeader:
			name, err := header.Filename()
			if err != nil || name == "" {
				name = "(no name)"
			}
			m.Attachments = append(m.Attachments, clean(name))
		case *mail.InlineHeader:
			content, err := io.ReadAll(io.LimitReader(part.Body, MaxMailBytes))
			if err != nil {
				m.Trouble = "cannot decode a part: " + clean(err.Error())
			}
			kind, _, err := header.ContentType()
			switch {
			case (err != nil || kind == "text/plain") && m.Text == "":
				m.Text = clean(string(content))
			case kind == "text/html" && html == "":
				html = clean(string(content))
			}
		}
	}
	if m.Text == "" {
		m.Text = html
	}
}

// clean makes text safe to show and to put into JSON.
func clean(s string) string { return plaintext.CleanLines(s) }

// link ends before what surrounds an address in Japanese and English text.
var link = regexp.MustCompile(`https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+`)

// Piece is a stretch of text, and whether it is an address to go to.
type Piece struct {
	Text string
	Link bool
}

// Pieces cuts a text at its http and https addresses.
func Pieces(text string) []Piece {
	var pieces []Piece
	end := 0
	for _, at := range link.FindAllStringIndex(text, -1) {
		stop := at[0] + len(strings.TrimRight(text[at[0]:at[1]], ".,;:!?)]'"))
		if at[0] > end {
			pieces = append(pieces, Piece{Text: text[end:at[0]]})
		}
		pieces = append(pieces, Piece{Text: text[at[0]:stop], Link: true})
		end = stop
	}
	if end < len(text) {
		pieces = append(pieces, Piece{Text: text[end:]})
	}
	return pieces
}

func findLinks(text string) []string {
	links := []string{}
	seen := map[string]bool{}
	for _, p := range Pieces(text) {
		if p.Link && !seen[p.Text] {
			seen[p.Text] = true
			links = append(links, p.Text)
		}
	}
	return links
}

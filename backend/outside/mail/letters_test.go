package mail_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"madoguchi/backend/outside/mail"
	"madoguchi/static/text"
	"madoguchi/static/text/say/saytest"
)

var update = flag.Bool("update", false, "write testdata/letters.txt anew: for who changes what a letter says")

// Every letter says in each language, to the letter, what testdata/letters.txt has.
func TestEveryLetter(t *testing.T) {
	const kept = "testdata/letters.txt"
	var b strings.Builder
	for _, language := range []string{"ja", "en", "easy", "??"} {
		for _, letter := range everyLetter(language) {
			subject, body, err := mail.Write(letter, "https://portal.example.jp")
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "==== %s %s %v\n%s\n----\n%s", language, letter.Kind, letter.Changes, subject, body)
		}
	}
	if *update {
		if err := os.WriteFile(kept, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	lines, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(lines), len(wanted)) {
		if i >= len(lines) || i >= len(wanted) || lines[i] != wanted[i] {
			t.Fatalf("line %d is another:\n%s\nwant\n%s", i+1, strings.Join(lines[min(i, len(lines)):], "\n"),
				strings.Join(wanted[min(i, len(wanted)):], "\n"))
		}
	}
}

func everyLetter(language string) []mail.Letter {
	at := time.Date(2026, 3, 4, 20, 5, 0, 0, time.UTC).UnixMilli()
	letter := mail.Letter{Language: language, Token: "se+cret", At: at, Until: at + (72 * time.Hour).Milliseconds()}
	var letters []mail.Letter
	for _, kind := range []mail.Kind{
		mail.ConfirmAddress, mail.LoggedIn, mail.NoticeArrived, mail.AnswerArrived, mail.ChangeUndone,
		mail.LoggedInByPasskey, mail.PasskeyAdded, mail.PasskeyCopied, mail.InquiryAnswered, mail.DraftEnding,
	} {
		letter.Kind = kind
		letters = append(letters, letter)
	}
	letter.Kind = mail.AccountChanged
	for _, changes := range [][]mail.Change{{mail.AddressReplaced}, {mail.AddressRemoved, mail.LoginMailOff}, nil} {
		letter.Changes = changes
		letters = append(letters, letter)
	}
	letter.Line = "1772654700000-ABC"
	letter.Line = "1772654700000-ABC"
	letter.Kind, letter.Changes = mail.UnusualLogin, []mail.Change{mail.NewDevice, mail.FromAbroad, mail.ByCode}
	letters = append(letters, letter)
	letter.Kind, letter.Line, letter.Changes = mail.Registered, "", []mail.Change{
		mail.NameChanged, mail.AddressChanged, mail.PlaceChanged, mail.LoginMails, mail.NoticeMails,
	}
	letters = append(letters, letter)
	// Each month has a name.
	letter.Kind, letter.Changes = mail.LoggedIn, nil
	for month := time.January; month <= time.December; month++ {
		letter.At = time.Date(2027, month, int(month)+9, 3, 59, 0, 0, time.UTC).UnixMilli()
		letters = append(letters, letter)
	}
	return letters
}

// A language more needs its file and nothing else: every word of a letter is in it.
func TestALetterInALanguageMore(t *testing.T) {
	saytest.Pseudo(t)
	for _, letter := range everyLetter(text.Pseudo) {
		subject, body, err := mail.Write(letter, "https://portal.example.jp")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(subject, "[[Mádóg") || !strings.HasPrefix(body, "[") ||
			!strings.HasSuffix(body, "~]\n") || strings.ContainsAny(subject+body, "{}《》年") {
			t.Errorf("%s: %s\n%s", letter.Kind, subject, body)
		}
	}
}

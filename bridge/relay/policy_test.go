package relay

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
)

const (
	selectJPKI = "00A4040C0AD392F000260100000001"
	selectText = "00A4040C0AD3921000310001010408"
	info       = "3031300D060960864801650304020105000420"
)

var (
	digest     = strings.Repeat("AB", 32)
	signDigest = "802A008033" + info + digest + "00"
)

const (
	authPIN = "002000800431323334"
	signPIN = "0020008006414243313233"
)

// everything is more than any act may: the walls that stand whatever the act.
var everything = scope{
	files: map[string][]uint16{
		jpki.ApplicationJPKI: {
			jpki.FileSignCertificate, jpki.FileSignCACertificate, jpki.FileTokenInfo, jpki.FileAuthCertificate,
			jpki.FileAuthCACertificate,
			jpki.FileAuthKey, jpki.FileAuthPIN, jpki.FileSignKey, jpki.FileSignPIN,
		},
		jpki.ApplicationText: {jpki.FileNumber, jpki.FileAttributes, 3, jpki.FileTextPIN, 0x14},
	},
	verifies: 1000, changes: 1000,
}

// deny and allow are judged after the commands before them (comma-separated) have succeeded.
var (
	allow = map[string][2]string{
		"JPKI":                      {"", selectJPKI},
		"text":                      {"", selectText},
		"token label":               {selectJPKI + ",00A4020C020006", "00B0000020"},
		"auth certificate":          {selectJPKI + ",00A4020C02000A", "00B00000000C00"},
		"sign certificate":          {selectJPKI + ",00A4020C020001", "00B0010000"},
		"tries left":                {selectJPKI + ",00A4020C020018", "00200080"},
		"auth PIN":                  {selectJPKI + ",00A4020C020018", "002000800431323334"},
		"sign PIN":                  {selectJPKI + ",00A4020C02001B", "0020008006414243313233"},
		"text PIN":                  {selectText + ",00A4020C020011", "002000800435363738"},
		"change":                    {selectJPKI + ",00A4020C020018," + authPIN, "002401800431323334"},
		"sign":                      {selectJPKI + ",00A4020C020018," + authPIN + ",00A4020C020017", signDigest},
		"sign a document":           {selectJPKI + ",00A4020C02001B," + signPIN + ",00A4020C02001A", signDigest},
		"four attributes":           {selectText + ",00A4020C020002", "00B0000000"},
		"extended where short fits": {"", "00A4040C00000AD392F000260100000001"},
	}
	deny = map[string][2]string{
		"tries left of nothing": {"", "00200080"},
		"sign without the PIN":  {selectJPKI + ",00A4020C020017", signDigest},
		"sign after another PIN": {
			selectJPKI + ",00A4020C020018," + authPIN + ",00A4020C02001A", signDigest,
		},
		"sign twice by one PIN": {
			selectJPKI + ",00A4020C020018," + authPIN + ",00A4020C020017," + signDigest, signDigest,
		},
		"change without the PIN": {selectJPKI + ",00A4020C020018", "002401800431323334"},
		"change after another PIN": {
			selectJPKI + ",00A4020C02001B," + signPIN + ",00A4020C020018", "002401800431323334",
		},
		"change twice by one PIN": {
			selectJPKI + ",00A4020C020018," + authPIN + ",002401800431323334", "002401800431323334",
		},
		"sign after a change": {
			selectJPKI + ",00A4020C020018," + authPIN + ",002401800431323334,00A4020C020017", signDigest,
		},
		"number file":                      {selectText, "00A4020C020001"},
		"number file by short identifier":  {selectText, "00B0810011"},
		"number file by it, file selected": {selectText + ",00A4020C020002", "00B0810000"},
		"its signature":                    {selectText, "00A4020C020003"},
		"code A, which opens the number":   {selectText, "00A4020C020014"},
		"short identifier in JPKI":         {selectJPKI, "00B08A0000"},
		"JPKI's 0001 kept over to text":    {selectJPKI + ",00A4020C020001," + selectText, "00B0000000"},
		"a file without an application":    {"", "00A4020C020002"},
		"read without a file":              {selectJPKI, "00B0000000"},
		"read of a PIN":                    {selectJPKI + ",00A4020C020018", "00B0000000"},
		"card-face application":            {"", "00A4040C0AD3921000310001010402"},
		"juki application":                 {"", "00A4040C0AD3921000310001010401"},
		"half an AID":                      {"", "00A4040C05D392F00026"},
		"SELECT asking for data":           {"", "00A4040C0AD392F00026010000000100"},
		"SELECT P2 00":                     {"", "00A404000AD392F000260100000001"},
		"SELECT next":                      {"", "00A4040E0AD392F000260100000001"},
		"SELECT by path":                   {selectJPKI, "00A4080C020001"},
		"SELECT master file":               {"", "00A40000"},
		"SELECT of three bytes":            {selectText, "00A4020C03000100"},
		"key in text":                      {selectText, "00A4020C020017"},
		"VERIFY without a file":            {selectJPKI, "002000800431323334"},
		"VERIFY by short identifier":       {selectJPKI, "002000980431323334"},
		"VERIFY of a certificate":          {selectJPKI + ",00A4020C02000A", "002000800431323334"},
		"VERIFY P1 01":                     {selectJPKI + ",00A4020C020018", "002001800431323334"},
		"VERIFY of 17 bytes":               {selectJPKI + ",00A4020C02001B", "0020008011" + strings.Repeat("41", 17)},
		"VERIFY asking for data":           {selectJPKI + ",00A4020C020018", "00200080043132333400"},
		"change without data":              {selectJPKI + ",00A4020C020018", "00240180"},
		"change P1 00":                     {selectJPKI + ",00A4020C020018", "002400800431323334"},
		"change of a key":                  {selectJPKI + ",00A4020C020017", "002401800431323334"},
		"sign with a PIN selected":         {selectJPKI + ",00A4020C020018," + authPIN, signDigest},
		"sign anything": {
			selectJPKI + ",00A4020C020018," + authPIN + ",00A4020C020017", "802A008004DEADBEEF00",
		},
		"sign SHA-1": {
			selectJPKI + ",00A4020C020018," + authPIN + ",00A4020C020017",
			"802A0080233021300906052B0E03021A05000414" + digest[:40] + "00",
		},
		"sign scheme 01": {
			selectJPKI + ",00A4020C020018," + authPIN + ",00A4020C020017", "802A018033" + info + digest + "00",
		},
		"sign by short identifier": {selectJPKI, "802A009733" + info + digest + "00"},
		"sign with class 00": {
			selectJPKI + ",00A4020C020018," + authPIN + ",00A4020C020017", "002A008033" + info + digest + "00",
		},
		"logical channel":                   {"", "01A4040C0AD392F000260100000001"},
		"chaining":                          {"", "10A4040C0AD392F000260100000001"},
		"secure messaging":                  {"", "04A4040C0AD392F000260100000001"},
		"READ BINARY odd":                   {selectText + ",00A4020C020002", "00B1000004540200000000"},
		"READ BINARY with data":             {selectText + ",00A4020C020002", "00B000000100"},
		"READ RECORD":                       {selectJPKI, "00B2010400"},
		"UPDATE BINARY":                     {selectJPKI + ",00A4020C020001", "00D6000001FF"},
		"WRITE BINARY":                      {selectJPKI, "00D0000001FF"},
		"ERASE BINARY":                      {selectJPKI, "000E0000"},
		"RESET RETRY COUNTER":               {selectJPKI + ",00A4020C020018", "002C00800431323334"},
		"GENERATE KEY":                      {selectJPKI, "0046000000"},
		"GET DATA":                          {"", "00CA9F7F00"},
		"GET CHALLENGE":                     {"", "0084000008"},
		"ENVELOPE":                          {"", "00C2000001FF"},
		"a reader's own command (class FF)": {"", "FFCA000000"},
		"GET RESPONSE":                      {"", "00C0000000"},
		"more than a frame":                 {selectJPKI + ",00A4020C02000A", "00B00000000FA1"},
		"the most of all":                   {selectJPKI + ",00A4020C02000A", "00B00000000000"},
		"three bytes":                       {"", "00A404"},
		"lengths that do not agree":         {"", "00A4040C0AD392"},
	}
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// after is a policy that has seen the commands succeed.
func after(t testing.TB, commands string) *policy {
	t.Helper()
	p := &policy{scope: everything}
	for c := range strings.SplitSeq(commands, ",") {
		if c == "" {
			continue
		}
		v, err := p.judge(unhex(t, c))
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		p.begin(v)
		p.done(v, apdu.StatusOK)
	}
	return p
}

func TestPolicyAllows(t *testing.T) {
	for name, c := range allow {
		if _, err := after(t, c[0]).judge(unhex(t, c[1])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPolicyDenies(t *testing.T) {
	for name, c := range deny {
		_, err := after(t, c[0]).judge(unhex(t, c[1]))
		if err == nil {
			t.Errorf("%s goes through", name)
		} else if strings.Contains(err.Error(), "31323334") || strings.Contains(err.Error(), "1234") {
			t.Errorf("%s: the refusal holds data: %v", name, err)
		}
	}
}

func TestPolicyForgetsWhatItDoesNotKnow(t *testing.T) {
	read := unhex(t, "00B0000004")
	for name, spoil := range map[string]func(p *policy){
		"answer never came": func(p *policy) { p.begin(verdict{}) },
		"application not found": func(p *policy) {
			v, _ := p.judge(unhex(t, selectText))
			p.done(v, apdu.StatusNotFound)
		},
		"file not found": func(p *policy) {
			v, _ := p.judge(unhex(t, "00A4020C020001"))
			p.done(v, apdu.StatusNotFound)
		},
	} {
		p := after(t, selectJPKI+",00A4020C02000A")
		if _, err := p.judge(read); err != nil {
			t.Fatal(err)
		}
		spoil(p)
		if _, err := p.judge(read); err == nil {
			t.Errorf("%s: read from a file that may be another", name)
		}
	}
}

// FuzzPolicy: whatever is allowed is canonical, and never a read, or a selection, of the number.
func FuzzPolicy(f *testing.F) {
	for _, cases := range []map[string][2]string{allow, deny} {
		for _, c := range cases {
			f.Add(c[0] == "" || !strings.HasPrefix(c[0], selectText), unhex(f, c[1]))
		}
	}
	f.Fuzz(func(t *testing.T, jpkiSelected bool, raw []byte) {
		start := selectText
		if jpkiSelected {
			start = selectJPKI
		}
		p := after(t, start)
		v, err := p.judge(raw)
		if err != nil {
			return
		}
		c, err := apdu.ParseCommand(v.command)
		if err != nil {
			t.Fatalf("allowed though it is no command: %v", err)
		}
		if again, _ := c.Bytes(); !bytes.Equal(again, v.command) {
			t.Fatalf("not canonical: %X", v.command)
		}
		if c.INS == 0xB0 {
			t.Fatal("a read without a file")
		}
		if !jpkiSelected && c.INS == 0xA4 && c.P1 == 2 && bytes.Equal(c.Data, []byte{0, byte(jpki.FileNumber)}) {
			t.Fatal("the number file")
		}
		p.done(v, apdu.StatusOK)
	})
}

// FuzzPolicySequence: after any commands with any fate, what is allowed works on what a card has truly selected. The
// card here follows its own rule: a SELECT that it answered with 9000 moves the selection, one whose answer was lost
// may have moved it.
func FuzzPolicySequence(f *testing.F) {
	moves := []string{
		selectJPKI, selectText, "00A4020C020001", "00A4020C020002", "00A4020C02000A", "00A4020C020011",
		"00A4020C020017", "00A4020C020018",
		"00B0000000", "00B0810000", "00200080", authPIN, "002401800431323334", signDigest,
	}
	type place struct {
		application string
		file        string
	}
	scopes := []scope{
		everything, scopeLook, scopeSign, scopeDocuments(2), scopeAttributes, scopeChange(jpki.AuthPIN, 1),
		scopeChange(jpki.TextPIN, 0),
	}
	f.Add([]byte{0, 0, 2, 8, 1, 8, 9})
	f.Add([]byte{0, 1, 3, 8, 16, 2, 8})
	f.Add([]byte{0, 1, 3, 32 + 0, 8, 2, 8})
	f.Add([]byte{2, 0, 7, 11, 6, 13, 13, 7, 11, 6, 13})
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) == 0 {
			return
		}
		within := scopes[int(steps[0])%len(scopes)]
		p := &policy{scope: within}
		truly := map[place]bool{{}: true} // where the card may be
		// How many PINs were given, and how many things were done that want one: never more, and never more than the
		// act may.
		given, used := 0, 0
		for _, step := range steps[1:] {
			raw := unhex(t, moves[int(step&0x0F)%len(moves)])
			v, err := p.judge(raw)
			if err != nil {
				continue
			}
			for at := range truly {
				if at.application == jpki.ApplicationText && at.file == "\x00\x01" {
					t.Fatal("the number file is selected")
				}
				switch raw[1] {
				case 0xB0:
					if at.file == "" || at.application == jpki.ApplicationText && at.file != "\x00\x02" {
						t.Fatalf("reads %x of %x after %v", at.file, at.application, steps)
					}
				case 0x2A, 0x24:
					if at.application == "" || at.file < "\x00\x11" {
						t.Fatalf("%02X on %x of %x after %v", raw[1], at.file, at.application, steps)
					}
				}
			}
			switch {
			case raw[1] == 0x20 && len(raw) > 4:
				given++
			case raw[1] == 0x2A, raw[1] == 0x24:
				used++
			}
			if used > given || given > within.verifies {
				t.Fatalf("%d PINs, used %d times, of %d", given, used, within.verifies)
			}
			succeeds, answered := step&0x10 == 0, step&0x20 == 0
			moved := map[place]bool{}
			for at := range truly {
				next := at
				switch {
				case raw[1] == 0xA4 && raw[2] == 0x04:
					next = place{application: string(raw[5:])}
				case raw[1] == 0xA4:
					next.file = string(raw[5:])
				}
				if succeeds || !answered {
					moved[next] = true
				}
				if !succeeds || !answered {
					moved[at] = true
				}
			}
			truly = moved
			p.begin(v)
			if answered {
				status := apdu.StatusOK
				if !succeeds {
					status = apdu.StatusNotFound
				}
				p.done(v, status)
			}
		}
	})
}

// What each act may, of all that is allowed to any.
func TestScopes(t *testing.T) {
	for name, c := range map[string]struct {
		scope scope
		may   []string
	}{
		"nothing": {scope{}, nil},
		"look": {
			scopeLook, []string{
				"JPKI", "text", "token label", "auth certificate", "tries left", "extended where short fits",
			},
		},
		"sign": {scopeSign, []string{"JPKI", "tries left", "auth PIN", "sign", "extended where short fits"}},
		"documents": {
			scopeDocuments(1), []string{
				"JPKI", "sign certificate", "sign PIN", "sign a document", "extended where short fits",
			},
		},
		"attributes": {scopeAttributes, []string{"text", "text PIN", "four attributes"}},
		"change auth": {
			scopeChange(jpki.AuthPIN, 1), []string{
				"JPKI", "tries left", "auth PIN", "change", "extended where short fits",
			},
		},
		"change text": {scopeChange(jpki.TextPIN, 1), []string{"text", "text PIN"}},
		"find out": {
			scopeChange(jpki.AuthPIN, 0), []string{"JPKI", "tries left", "auth PIN", "extended where short fits"},
		},
	} {
		for row, commands := range allow {
			if got := passes(t, c.scope, commands); got != slices.Contains(c.may, row) {
				t.Errorf("%s: %q goes through: %t", name, row, got)
			}
		}
		for row, commands := range deny {
			if passes(t, c.scope, commands) {
				t.Errorf("%s: %q goes through", name, row)
			}
		}
	}
}

// passes tells whether all commands of a row go through.
func passes(t *testing.T, within scope, commands [2]string) bool {
	t.Helper()
	p := &policy{scope: within}
	for _, c := range append(strings.Split(commands[0], ","), commands[1]) {
		if c == "" {
			continue
		}
		v, err := p.judge(unhex(t, c))
		if err != nil {
			return false
		}
		p.begin(v)
		p.done(v, apdu.StatusOK)
	}
	return true
}

func TestPINsAreGivenAsOftenAsTheActMay(t *testing.T) {
	p := &policy{scope: scopeDocuments(2)}
	for i := range 3 {
		for _, c := range []string{selectJPKI, "00A4020C02001B", signPIN} {
			v, err := p.judge(unhex(t, c))
			if (err != nil) != (i == 2 && c == signPIN) {
				t.Fatalf("round %d, %s: %v", i, c, err)
			}
			if err == nil {
				p.begin(v)
				p.done(v, apdu.StatusOK)
			}
		}
	}
}

// A million commands around the number's file: none reads it, nor its digest, nor selects either, whatever is selected
// before.
func TestPolicyKeepsTheNumber(t *testing.T) {
	tried := 0
	for _, before := range []string{
		selectText, selectText + ",00A4020C020002", selectText + ",00A4020C020011", selectJPKI + ",00A4020C020001",
	} {
		p := after(t, before)
		inText := strings.HasPrefix(before, selectText)
		for instruction := range 256 {
			for p1 := range 256 {
				for _, tail := range []string{"0C020001", "0C020003", "0000", "8111", "800000FF"} {
					raw := append([]byte{0, byte(instruction), byte(p1)}, unhex(t, tail)...)
					tried++
					v, err := p.judge(raw)
					if err != nil {
						continue
					}
					c, err := apdu.ParseCommand(v.command)
					if err != nil {
						t.Fatal(err)
					}
					switch c.INS {
					case 0xA4:
						if inText || !bytes.Equal(c.Data, []byte{0, 1}) {
							t.Fatalf("%X after %s", raw, before)
						}
					case 0xB0:
						if c.P1 > 0x7F || inText && !strings.HasSuffix(before, "0002") {
							t.Fatalf("%X after %s", raw, before)
						}
					default:
						t.Fatalf("%X after %s", raw, before)
					}
				}
			}
		}
	}
	if tried < 726_000 {
		t.Errorf("%d commands", tried)
	}
}

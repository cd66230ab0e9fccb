package softcard_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"madoguchi/bridge/apdu"
	"madoguchi/bridge/jpki"
	"madoguchi/bridge/softcard"
	"madoguchi/bridge/softcard/softcardtest"
)

const (
	selectJPKI = "00A4040C0AD392F000260100000001"
	selectText = "00A4040C0AD3921000310001010408"
	authPIN    = "00A4020C020018"
	signPIN    = "00A4020C02001B"
	authKey    = "00A4020C020017"
	signKey    = "00A4020C02001A"
	right      = "002000800431323334"
	wrong      = "002000800430303030"
	ask        = "00200080"
	signAB     = "802A008002ABCD00"
)

// A story is commands and the status words that a My Number Card gives to them; "warm" resets and "off" takes the power
// away.
func TestStatusWords(t *testing.T) {
	signRight := "0020008006" + hex.EncodeToString([]byte("ABC123"))
	for name, story := range map[string][]string{
		"a wrong PIN counts down, the last one locks": {
			selectJPKI, "9000", authPIN, "9000", ask, "63C3", wrong, "63C2", wrong, "63C1", wrong, "63C0", right,
			"6984", wrong, "6984", ask, "63C0", "off", "",
			selectJPKI, "9000", authPIN, "9000", ask, "63C0", right, "6984",
		},
		"a right one gives all tries back": {
			selectJPKI, "9000", authPIN, "9000", wrong, "63C2", wrong, "63C1", right, "9000", ask, "63C3",
		},
		"the signing PIN has five": {
			selectJPKI, "9000", signPIN, "9000", ask, "63C5", wrong, "63C4", wrong, "63C3", wrong, "63C2", wrong,
			"63C1", wrong, "63C0", signRight, "6984",
		},
		"an empty VERIFY tells the tries also when verified": {
			selectJPKI, "9000", authPIN, "9000", right, "9000", ask, "63C3",
		},
		"a wrong PIN takes the verified state away": {
			selectJPKI, "9000", authPIN, "9000", right, "9000", wrong, "63C2", authKey, "9000", signAB, "6982",
		},
		"the verified state survives a warm reset, not the loss of power": {
			selectJPKI, "9000", authPIN, "9000", right, "9000", "warm", "", selectJPKI, "9000", authKey,
			"9000", signAB, "9000",
			"off", "", selectJPKI, "9000", authKey, "9000", signAB, "6982",
		},
		"each key wants its own PIN": {
			selectJPKI, "9000", authPIN, "9000", right, "9000", signKey, "9000", signAB, "6982", signPIN, "9000",
			signRight, "9000", signKey, "9000", signAB, "9000",
		},
		"after a cold reset": {
			"00A40000", "6A86", authPIN, "6A82", "00B0000000", "6986", right, "6986", "off", "", "00A40000", "6A86",
		},
		"what is not there": {
			"00A4040C06A00000000001", "6A82", selectJPKI, "9000", "00A4020C021234", "6A82", "00A4040C06A00000000001",
			"6A82", authPIN, "9000",
		},
		"the signing certificate only after its PIN": {
			selectJPKI, "9000", "00A4020C020001", "9000", "00B0000000", "6982", "00B0810000", "6982", authPIN, "9000",
			right, "9000", "00A4020C020001", "9000", "00B0000000", "6982",
			signPIN, "9000", signRight, "9000", "00A4020C020001", "9000", "00B0000000", "9000",
		},
		"past the end": {
			selectJPKI, "9000", "00A4020C02000A", "9000", "00B007FF00", "9000", "00B0080000", "6B00", "00B07FFF00",
			"6B00", "00B08AFF00", "9000",
		},
		"reading what is not for reading": {
			selectJPKI, "9000", authPIN, "9000", "00B0000000", "6981", authKey, "9000", "00B0000000", "6981",
			"00A4020C02000A", "9000", right, "6981", signAB, "6981", "00B00000", "6700",
		},
		"what may be signed": {
			selectJPKI, "9000", authPIN, "9000", right, "9000", authKey, "9000",
			"802A0080F5" + strings.Repeat("01", 245) + "00", "9000",
			"802A0080F6" + strings.Repeat("01", 246) + "00", "6700", "802A008000", "6700", "802A008001AB", "6700",
			"802A018001AB00", "6A86", "002A008001AB00", "6E00",
			"802A009701AB00", "9000", "802A009A01AB00", "6982", "802A000001AB00", "6A86",
		},
		"changing a PIN": {
			selectJPKI, "9000", authPIN, "9000", "002401800439383736", "6982", right, "9000", "0024018003393837",
			"6A80", "002401800441424344", "6A80",
			"002400800439383736", "6A86", "002401800439383736", "9000", right, "63C2", "002401800431323334", "6982",
			"002000800439383736", "9000",
		},
		"unknown commands": {
			"00840000", "6D00", "80A4040C", "6E00", "FFCA000000", "6E00", "0061", "6700", "00610000", "6D00",
			"00A4040C05AA", "6700", "0020018000", "6A86", selectJPKI, "9000",
		},
		"the card-face texts": {
			selectText, "9000", "00A4020C020001", "9000", "00B0000011", "6982", "00A4020C020002", "9000", "00B0000000",
			"6982", "00A4020C020011", "9000", "002000800435363738", "9000",
			"00A4020C020001", "9000", "00B0000011", "9000", "00A4020C020002", "9000", "00B0000000", "9000",
			"00A4020C020003", "9000", "00B0000000", "9000",
			"00A4020C020004", "9000", "00B0000000", "9000", "00A4020C020005", "9000", "00B0000000", "9000",
			"00A4020C020007", "9000", "00B0000000", "9000",
			"00A4020C020014", "9000", ask, "63CA", "00A4020C020015", "9000", ask, "63CA",
		},
		"code B opens the attributes, not the number": {
			selectText, "9000", "00A4020C020015", "9000",
			"002000800E" + hex.EncodeToString([]byte("90041520351001")), "9000",
			"00A4020C020002", "9000", "00B0000000", "9000", "00A4020C020001", "9000", "00B0000011", "6982",
		},
		"the other applications": {
			"00A4040C0AD3921000310001010402", "9000", "00A4020C020011", "9000", "0020008006393030343135", "9000",
			"00A4020C020002", "9000", "00B0000000", "9000",
			"00A4040C0AD3921000310001010100", "9000", "00A4020C020001", "9000", "00B2010400", "9000", "00B2020400",
			"6A83", "00B0000000", "6981",
			"00A4040C0AD3921000310001010401", "9000", "00A4020C02001C", "9000", ask, "63C3",
		},
	} {
		t.Run(name, func(t *testing.T) {
			card := softcardtest.Card(t, "yamada-hanako")
			for i := 0; i < len(story); i += 2 {
				switch story[i] {
				case "warm":
					card.Reset()
				case "off":
					card.PowerOff()
				default:
					if _, status := transmit(t, card, story[i]); status.String() != story[i+1] {
						t.Fatalf("command %d, %s: %s, want %s", i/2+1, story[i], status, story[i+1])
					}
				}
			}
		})
	}
}

func TestReadBinaryAllWays(t *testing.T) {
	card := softcardtest.Card(t, "yamada-hanako")
	transmit(t, card, selectJPKI)
	transmit(t, card, "00A4020C02000A")
	whole, _ := transmit(t, card, "00B00000000000")
	if len(whole) != 2048 || whole[0] != 0x30 || whole[1] != 0x82 {
		t.Fatalf("%d bytes that begin with %X", len(whole), whole[:4])
	}
	var steps []byte
	for offset := 0; offset < len(whole); offset += 256 {
		part, status := transmit(t, card, fmt.Sprintf("00B0%04X00", offset))
		if status != apdu.StatusOK {
			t.Fatalf("at %d: %s", offset, status)
		}
		steps = append(steps, part...)
	}
	if !bytes.Equal(steps, whole) {
		t.Error("256-byte steps read something else")
	}
	transmit(t, card, selectJPKI)
	if short, _ := transmit(t, card, "00B08A1004"); !bytes.Equal(short, whole[0x10:0x14]) {
		t.Errorf("by short identifier: %X", short)
	}
	if next, _ := transmit(t, card, "00B0000004"); !bytes.Equal(next, whole[:4]) {
		t.Errorf("a short identifier does not select: %X", next)
	}
}

func TestTokenInfo(t *testing.T) {
	card := softcardtest.Card(t, "yamada-hanako")
	transmit(t, card, selectJPKI)
	transmit(t, card, "00A4020C020006")
	info, _ := transmit(t, card, "00B0000000")
	if len(info) != 160 || string(info[:32]) != "JPKIAPICCTOKEN2"+strings.Repeat(" ", 17) {
		t.Errorf("%d bytes, label %q", len(info), info[:32])
	}
	transmit(t, card, "00A4020C020008")
	if b, _ := transmit(t, card, "00B0000000"); !bytes.Equal(b, []byte{0x8F, 0x8F, 0}) {
		t.Errorf("file 0008: %X", b)
	}
}

func TestNumberCannotBeAnybodys(t *testing.T) {
	for _, p := range softcard.People() {
		if p.ID == "old-juki" || p.ID == "transit" {
			continue
		}
		card := softcardtest.Card(t, p.ID)
		for _, c := range []string{selectText, "00A4020C020011", "002000800435363738", "00A4020C020001"} {
			transmit(t, card, c)
		}
		b, _ := transmit(t, card, "00B0000000")
		if len(b) != 17 || !bytes.HasPrefix(b, []byte{0xFF, 0x10, 0x0C}) || !bytes.HasSuffix(b, []byte{0xFF, 0xFF}) {
			t.Fatalf("%s: %X", p.ID, b)
		}
		// Weights from the left, as 平成26年総務省令第85号第5条 gives them.
		sum := 0
		for i, weight := range []int{6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2} {
			sum += int(b[3+i]-'0') * weight
		}
		check := 0
		if sum%11 > 1 {
			check = 11 - sum%11
		}
		if int(b[14]-'0') == check {
			t.Errorf("%s has a valid number", p.ID)
		}
	}
}

func TestDigestsOfTheTexts(t *testing.T) {
	card := softcardtest.Card(t, "watanabe-gaiji")
	read := func(file string) []byte {
		transmit(t, card, "00A4020C02"+file)
		b, status := transmit(t, card, "00B00000000000")
		if status != apdu.StatusOK {
			t.Fatalf("file %s: %s", file, status)
		}
		return b
	}
	for _, c := range []string{selectText, "00A4020C020011", "002000800435363738"} {
		transmit(t, card, c)
	}
	number, attributes, digests := read("0001"), read("0002"), read("0003")
	if want := sha256.Sum256(number); !bytes.Contains(digests, append([]byte{0xDF, 0x31, 32}, want[:]...)) {
		t.Error("DF31 is not the digest of file 0001")
	}
	header := 3 // FF20 LL
	if attributes[2] == 0x81 {
		header = 4
	}
	after := attributes[header+3+8:] // DF21 08, eight bytes of offsets
	if want := sha256.Sum256(after); !bytes.Contains(digests, append([]byte{0xDF, 0x32, 32}, want[:]...)) {
		t.Error("DF32 is not the digest of what follows DF21 in file 0002")
	}
	key := signCAKey()
	body, signature := digests[5:5+2*35], digests[len(digests)-256:]
	digest := sha256.Sum256(body)
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
}

func TestSpecialCards(t *testing.T) {
	card := softcardtest.Card(t, "sato-locked")
	if left, err := jpki.Attach(card).TriesLeft(t.Context(), jpki.AuthPIN); err != nil || left != 0 {
		t.Errorf("the locked card: %d tries, %v", left, err)
	}
	for id, atr := range map[string]string{
		"yamada-hanako": "3BE000FF8131FE4514", "yamada-taro": "3BDA13FF8131FB468012392F31C173C601C03B",
		"kobayashi-ren": "3B888001000005E0B381A1007F",
	} {
		if got := fmt.Sprintf("%X", softcardtest.Card(t, id).ATR()); got != atr {
			t.Errorf("%s: ATR %s", id, got)
		}
	}
}

func TestPower(t *testing.T) {
	card := softcardtest.Card(t, "yamada-hanako")
	if card.Powered() {
		t.Error("a new card has power")
	}
	transmit(t, card, selectJPKI)
	if !card.Powered() {
		t.Error("a card that answers has none")
	}
	card.PowerOff()
	if card.Powered() {
		t.Error("it has power after PowerOff")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := card.Transmit(ctx, []byte{0, 0xA4, 0, 0}); err == nil || card.Powered() {
		t.Errorf("a command that was given up: %v", err)
	}
}

func transmit(t testing.TB, card *softcard.Card, command string) ([]byte, apdu.Status) {
	t.Helper()
	b, err := hex.DecodeString(command)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := card.Transmit(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	r, err := apdu.ParseResponse(answer)
	if err != nil {
		t.Fatal(err)
	}
	return r.Data, r.Status
}

func signCAKey() *rsa.PublicKey {
	_, key := softcard.SignCA(time.Now())
	return &key.PublicKey
}

func BenchmarkSign(b *testing.B) {
	card := softcardtest.Card(b, "yamada-hanako")
	for _, c := range []string{selectJPKI, authPIN, right, authKey} {
		transmit(b, card, c)
	}
	command, err := hex.DecodeString("802A008033" + strings.Repeat("01", 51) + "00")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := card.Transmit(b.Context(), command); err != nil {
			b.Fatal(err)
		}
	}
}

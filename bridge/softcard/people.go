package softcard

import (
	"fmt"
	"io"
)

// Person is an invented person and what is on the card. Everything here is public: see PUBLIC_TEST_KEYS.pem.
type Person struct {
	// ID names the card for good: programs, tests and the sandbox use it.
	ID string
	// Name as the card-face application has it; CertificateName when a certificate must write it with other characters,
	// one mark a character in CertificateNameMarks: 1 where it was replaced.
	Name                                  string
	CertificateName, CertificateNameMarks string
	Kana                                  string
	// Sex is 1 male, 2 female, 3 other.
	Sex string
	// BirthDate is YYYYMMDD.
	BirthDate string
	// Address ends at a block number that does not exist.
	Address string
	// MunicipalityCode has six digits, the last one a check digit; Prefecture and Municipality are its Roman letters.
	MunicipalityCode, Prefecture, Municipality string
	AuthPIN, SignPIN, TextPIN                  string
	// Special is what the card is good for, in Japanese; empty for an ordinary one.
	Special string

	card character
}

// character is how the card differs from an ordinary one.
type character struct {
	// number makes the serial numbers of its certificates; never given twice.
	number      int
	kind        cardKind
	noSign      bool
	noAuth      bool
	authLocked  bool
	expired     bool
	revoked     bool
	predecessor string
	atr         string
}

type cardKind int

const (
	myNumber cardKind = iota
	oldResident
	otherCard
)

// ATRs of My Number Cards (contact, contact of another make, contactless) and of a transport card in a PC/SC reader.
const (
	atrContact     = "\x3B\xE0\x00\xFF\x81\x31\xFE\x45\x14"
	atrContactB    = "\x3B\xDA\x13\xFF\x81\x31\xFB\x46\x80\x12\x39\x2F\x31\xC1\x73\xC6\x01\xC0\x3B"
	atrContactless = "\x3B\x88\x80\x01\x00\x00\x05\xE0\xB3\x81\xA1\x00\x7F"
	atrFelica      = "\x3B\x8F\x80\x01\x80\x4F\x0C\xA0\x00\x00\x03\x06\x11\x00\x3B\x00\x00\x00\x00\x42"
)

var people = []Person{
	{
		ID: "yamada-hanako", Name: "山田 花子", Kana: "ヤマダ ハナコ", Sex: "2", BirthDate: "19900415",
		Address: "東京都目黒区上目黒九丁目999番1号", MunicipalityCode: "131105", Prefecture: "Tokyo-to", Municipality: "Meguro-ku",
		AuthPIN: "1234", SignPIN: "ABC123", TextPIN: "5678", Special: "母親。ふつうのカード",
		card: character{number: 1},
	},
	{
		ID: "yamada-taro", Name: "山田 太郎", Kana: "ヤマダ タロウ", Sex: "1", BirthDate: "19880203",
		Address: "東京都目黒区上目黒九丁目999番1号", MunicipalityCode: "131105", Prefecture: "Tokyo-to", Municipality: "Meguro-ku",
		AuthPIN: "1234", SignPIN: "TARO2026", TextPIN: "5678", Special: "父親。別の会社の接触型カード",
		card: character{number: 2, atr: atrContactB},
	},
	{
		ID: "yamada-sakura", Name: "山田 さくら", Kana: "ヤマダ サクラ", Sex: "2", BirthDate: "20180328",
		Address: "東京都目黒区上目黒九丁目999番1号", MunicipalityCode: "131105", Prefecture: "Tokyo-to", Municipality: "Meguro-ku",
		AuthPIN: "1234", TextPIN: "5678", Special: "小学生。15歳未満なので署名用電子証明書がない",
		card: character{number: 3, noSign: true},
	},
	{
		ID: "yamada-minato", Name: "山田 湊", Kana: "ヤマダ ミナト", Sex: "1", BirthDate: "20260610",
		Address: "東京都目黒区上目黒九丁目999番1号", MunicipalityCode: "131105", Prefecture: "Tokyo-to", Municipality: "Meguro-ku",
		AuthPIN: "1234", TextPIN: "5678", Special: "赤ちゃん。署名用電子証明書がない",
		card: character{number: 4, noSign: true},
	},
	{
		ID: "suzuki-umeko", Name: "鈴木 梅子", Kana: "スズキ ウメコ", Sex: "2", BirthDate: "19471108",
		Address: "石川県金沢市広坂九丁目999番2号", MunicipalityCode: "172014", Prefecture: "Ishikawa-ken",
		Municipality: "Kanazawa-shi",
		AuthPIN:      "1234", SignPIN: "UMEKO1947", TextPIN: "5678", Special: "年金生活の人",
		card: character{number: 5},
	},
	{
		ID: "kobayashi-ren", Name: "小林 蓮", Kana: "コバヤシ レン", Sex: "3", BirthDate: "20060720",
		Address: "東京都目黒区駒場九丁目999番3号", MunicipalityCode: "131105", Prefecture: "Tokyo-to", Municipality: "Meguro-ku",
		AuthPIN: "1234", SignPIN: "ABC123", TextPIN: "5678", Special: "学生。非接触で読むカード",
		card: character{number: 6, atr: atrContactless},
	},
	{
		ID: "takahashi-shacho", Name: "高橋 修造", Kana: "タカハシ シュウゾウ", Sex: "1", BirthDate: "19690901",
		Address: "大阪府大阪市北区中之島九丁目999番4号", MunicipalityCode: "271276", Prefecture: "Osaka-fu",
		Municipality: "Osaka-shi Kita-ku",
		AuthPIN:      "1234", SignPIN: "SHACHO16LETTERS9", TextPIN: "5678", Special: "会社の社長。署名用の暗証番号は16文字",
		card: character{number: 7},
	},
	{
		ID: "watanabe-gaiji", Name: "渡邉 𠮷江", Kana: "ワタナベ ヨシエ", Sex: "2", BirthDate: "19551231",
		CertificateName: "渡辺 吉江", CertificateNameMarks: "01010",
		Address: "奈良県葛󠄀城市忍海999番地5", MunicipalityCode: "292117", Prefecture: "Nara-ken", Municipality: "Katsuragi-shi",
		AuthPIN: "1234", SignPIN: "ABC123", TextPIN: "5678", Special: "氏名と住所に外字がある",
		card: character{number: 8},
	},
	{
		ID: "sato-locked", Name: "佐藤 健一", Kana: "サトウ ケンイチ", Sex: "1", BirthDate: "19780517",
		Address: "北海道札幌市中央区大通西九十丁目999番地6", MunicipalityCode: "011011", Prefecture: "Hokkaido",
		Municipality: "Sapporo-shi Chuo-ku",
		AuthPIN:      "1234", SignPIN: "ABC123", TextPIN: "5678", Special: "利用者証明用の暗証番号がロックされている",
		card: character{number: 9, authLocked: true},
	},
	{
		ID: "ito-revoked", Name: "伊藤 美咲", Kana: "イトウ ミサキ", Sex: "2", BirthDate: "19951003",
		Address: "神奈川県横浜市西区高島九丁目999番7号", MunicipalityCode: "141038", Prefecture: "Kanagawa-ken",
		Municipality: "Yokohama-shi Nishi-ku",
		AuthPIN:      "1234", SignPIN: "ABC123", TextPIN: "5678", Special: "電子証明書が失効している",
		card: character{number: 10, revoked: true},
	},
	{
		ID: "kato-expired", Name: "加藤 昇", Kana: "カトウ ノボル", Sex: "1", BirthDate: "19610814",
		Address: "京都府京都市左京区吉田999番地8", MunicipalityCode: "261033", Prefecture: "Kyoto-fu",
		Municipality: "Kyoto-shi Sakyo-ku",
		AuthPIN:      "1234", SignPIN: "ABC123", TextPIN: "5678", Special: "電子証明書の有効期限が切れている",
		card: character{number: 11, expired: true},
	},
	{
		ID: "yamada-hanako-2", Name: "山田 花子", Kana: "ヤマダ ハナコ", Sex: "2", BirthDate: "19900415",
		Address: "東京都目黒区上目黒九丁目999番1号", MunicipalityCode: "131105", Prefecture: "Tokyo-to", Municipality: "Meguro-ku",
		AuthPIN: "1234", SignPIN: "ABC123", TextPIN: "5678", Special: "yamada-hanako の更新後のカード",
		card: character{number: 12, predecessor: "yamada-hanako"},
	},
	{
		ID: "old-juki", Name: "中村 正", Kana: "ナカムラ タダシ", Sex: "1", BirthDate: "19500101",
		Address: "沖縄県那覇市泉崎九丁目999番9号", MunicipalityCode: "472018", Prefecture: "Okinawa-ken", Municipality: "Naha-shi",
		Special: "住民基本台帳カード（マイナンバーカードではない）",
		card:    character{number: 13, kind: oldResident, noAuth: true, noSign: true},
	},
	{
		ID: "nakamura-nocert", Name: "中村 さゆり", Kana: "ナカムラ サユリ", Sex: "2", BirthDate: "19840229",
		Address: "東京都世田谷区三軒茶屋九丁目999番10号", MunicipalityCode: "131121", Prefecture: "Tokyo-to",
		Municipality: "Setagaya-ku",
		AuthPIN:      "1234", SignPIN: "ABC123", TextPIN: "5678", Special: "電子証明書を発行していないマイナンバーカード",
		card: character{number: 14, noAuth: true, noSign: true},
	},
	{
		ID: "transit", Name: "交通系ICカード", Special: "マイナンバーカードではないカード",
		card: character{number: 15, kind: otherCard, noAuth: true, noSign: true, atr: atrFelica},
	},
}

// People are all of them, in the order in which to show them.
func People() []Person {
	return append([]Person(nil), people...)
}

// PersonByID finds one.
func PersonByID(id string) (Person, bool) {
	for _, p := range people {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}

// WritePeople lists the cards, one a line, without a heading, tab-separated: id, name, PIN for authentication, PIN for
// signing, PIN of the card-face application, what is special. A PIN that the card does not have is "-".
func WritePeople(w io.Writer) error {
	orNone := func(pin string) string {
		if pin == "" {
			return "-"
		}
		return pin
	}
	for _, p := range people {
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.ID, p.Name, orNone(p.AuthPIN), orNone(p.SignPIN),
			orNone(p.TextPIN), p.Special)
		if err != nil {
			return fmt.Errorf("listing the people: %w", err)
		}
	}
	return nil
}

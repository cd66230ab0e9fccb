package place

import (
	"strings"
	"unicode/utf8"

	"madoguchi/frontend/frame/lang"
)

// region is one of the parts of the country that the list is cut into.
type region int

const (
	north region = iota
	kanto
	chubu
	kinki
	west
	south
	regionCount
)

// regionNames and regionClasses are by region.
var (
	regionNames = [regionCount]lang.Text{
		textHokkaidoAndTohoku,
		textKanto,
		textChubu,
		textKinki,
		textChugokuAndShikoku,
		textKyushuAndOkinawa,
	}
	regionClasses = [regionCount]string{
		"region-north", "region-kanto", "region-chubu", "region-kinki", "region-west", "region-south",
	}
)

// prefecture is one of the 47, with its place on the tile map: columns from the west, rows from the north, both from 1.
type prefecture struct {
	ja, en, kana string
	region       region
	column, row  int
}

// prefectures are in the order of their codes: prefectures[0] is 01.
var prefectures = [47]prefecture{
	{"北海道", "Hokkaido", "ホッカイドウ", north, 12, 1},
	{"青森県", "Aomori", "アオモリケン", north, 11, 2},
	{"岩手県", "Iwate", "イワテケン", north, 11, 3},
	{"宮城県", "Miyagi", "ミヤギケン", north, 11, 4},
	{"秋田県", "Akita", "アキタケン", north, 10, 3},
	{"山形県", "Yamagata", "ヤマガタケン", north, 10, 4},
	{"福島県", "Fukushima", "フクシマケン", north, 11, 5},
	{"茨城県", "Ibaraki", "イバラキケン", kanto, 12, 6},
	{"栃木県", "Tochigi", "トチギケン", kanto, 11, 6},
	{"群馬県", "Gunma", "グンマケン", kanto, 10, 6},
	{"埼玉県", "Saitama", "サイタマケン", kanto, 10, 7},
	{"千葉県", "Chiba", "チバケン", kanto, 12, 7},
	{"東京都", "Tokyo", "トウキョウト", kanto, 11, 7},
	{"神奈川県", "Kanagawa", "カナガワケン", kanto, 11, 8},
	{"新潟県", "Niigata", "ニイガタケン", chubu, 10, 5},
	{"富山県", "Toyama", "トヤマケン", chubu, 9, 5},
	{"石川県", "Ishikawa", "イシカワケン", chubu, 8, 5},
	{"福井県", "Fukui", "フクイケン", chubu, 7, 6},
	{"山梨県", "Yamanashi", "ヤマナシケン", chubu, 9, 7},
	{"長野県", "Nagano", "ナガノケン", chubu, 9, 6},
	{"岐阜県", "Gifu", "ギフケン", chubu, 8, 6},
	{"静岡県", "Shizuoka", "シズオカケン", chubu, 9, 8},
	{"愛知県", "Aichi", "アイチケン", chubu, 8, 7},
	{"三重県", "Mie", "ミエケン", kinki, 7, 8},
	{"滋賀県", "Shiga", "シガケン", kinki, 7, 7},
	{"京都府", "Kyoto", "キョウトフ", kinki, 6, 7},
	{"大阪府", "Osaka", "オオサカフ", kinki, 5, 8},
	{"兵庫県", "Hyogo", "ヒョウゴケン", kinki, 5, 7},
	{"奈良県", "Nara", "ナラケン", kinki, 6, 8},
	{"和歌山県", "Wakayama", "ワカヤマケン", kinki, 6, 9},
	{"鳥取県", "Tottori", "トットリケン", west, 4, 7},
	{"島根県", "Shimane", "シマネケン", west, 3, 7},
	{"岡山県", "Okayama", "オカヤマケン", west, 4, 8},
	{"広島県", "Hiroshima", "ヒロシマケン", west, 3, 8},
	{"山口県", "Yamaguchi", "ヤマグチケン", west, 2, 8},
	{"徳島県", "Tokushima", "トクシマケン", west, 5, 11},
	{"香川県", "Kagawa", "カガワケン", west, 5, 10},
	{"愛媛県", "Ehime", "エヒメケン", west, 4, 10},
	{"高知県", "Kochi", "コウチケン", west, 4, 11},
	{"福岡県", "Fukuoka", "フクオカケン", south, 2, 9},
	{"佐賀県", "Saga", "サガケン", south, 1, 9},
	{"長崎県", "Nagasaki", "ナガサキケン", south, 1, 10},
	{"熊本県", "Kumamoto", "クマモトケン", south, 1, 11},
	{"大分県", "Oita", "オオイタケン", south, 2, 10},
	{"宮崎県", "Miyazaki", "ミヤザキケン", south, 2, 11},
	{"鹿児島県", "Kagoshima", "カゴシマケン", south, 1, 12},
	{"沖縄県", "Okinawa", "オキナワケン", south, 1, 13},
}

// digits are the two digits of the prefecture at an index of prefectures.
func digits(i int) string { return string([]byte{byte('0' + (i+1)/10), byte('0' + (i+1)%10)}) }

// prefectureOf is the prefecture of a code of two digits or more.
func prefectureOf(code string) (prefecture, bool) {
	if len(code) < 2 || strings.Trim(code[:2], "0123456789") != "" {
		return prefecture{}, false
	}
	n := int(code[0]-'0')*10 + int(code[1]-'0')
	if n < 1 || n > len(prefectures) {
		return prefecture{}, false
	}
	return prefectures[n-1], true
}

// name is the whole name: 東京都, Tokyo.
func (p prefecture) name() lang.Text { return withReading(p.ja, p.en, p.kana) }

// both is name, in English with the Japanese one beside it.
func (p prefecture) both() lang.Text { return withReading(p.ja, beside(p.en, p.ja), p.kana) }

// short is what is written on a tile: 東京, Tokyo.
func (p prefecture) short() lang.Text {
	if p.ja == "北海道" {
		return lang.New(p.ja, p.en, p.ja)
	}
	_, size := utf8.DecodeLastRuneInString(p.ja)
	ja := p.ja[:len(p.ja)-size]
	return lang.New(ja, p.en, ja)
}

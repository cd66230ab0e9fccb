package mail

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

type text struct{ subject, body string }

// {…} are filled in by Write. やさしい日本語 keeps to short sentences and gives readings in brackets.
var texts = map[Kind]map[string]text{
	ConfirmAddress: {
		"ja": {"メールアドレスの確認", `まどぐちに、このメールアドレスが登録されました。

次のページを開くと確認が済み、このアドレスにお知らせが届くようになります。
{link}

このページは24時間使えます。
お心当たりのない場合は、このメールを捨ててください。何も登録されません。
`},
		"en": {"Please confirm your mail address", `This mail address was entered at Madoguchi.

Open this page to receive mail at this address.
{link}

The page works for 24 hours.
If it was not you, discard this mail; nothing will be sent to you.
`},
		"easy": {"メールアドレスを たしかめて ください", `「まどぐち」に この メールアドレスが 書(か)かれました。

下(した)の ページを ひらいて ください。
ひらくと、この メールアドレスに お知(し)らせが とどきます。
{link}

この ページは 24時間(じかん) 使(つか)えます。
知(し)らない ときは、この メールを すてて ください。
`},
	},
	LoggedIn: {
		"ja": {"ログインのお知らせ", `{time} に、あなたのマイナンバーカードでまどぐちへのログインがありました。

お心当たりのない場合は、カードを確かめ、マイナンバー総合フリーダイヤル(0120-95-0178)でカードの一時利用停止を申し出てください。
まどぐちの「利用者登録」では、すべての端末からログアウトできます。
{origin}/
`},
		"en": {"You logged in", `Someone logged in to Madoguchi with your My Number Card on {time} (Japan time).

If it was not you, look for your card and have it suspended by telephone: 0120-95-0178 (free of charge; 0120-0178-27 in English).
At Madoguchi you can log out on every device.
{origin}/
`},
		"easy": {"ログインが ありました", `{time} に、あなたの マイナンバーカードで 「まどぐち」に ログインが ありました。

あなたでは ない ときは、カードが あるか 見(み)て ください。
カードが ない ときは、0120-95-0178 に 電話(でんわ)して、カードを 止(と)めて ください。お金(かね)は かかりません。
{origin}/
`},
	},
	NoticeArrived: {
		"ja": {"新しいお知らせが届きました", `まどぐちに、行政機関からの新しいお知らせが届きました。
内容はログインしてご覧ください。
{origin}/notice

このメールが要らないときは、まどぐちの「利用者登録」で止められます。
`},
		"en": {"A new notice has arrived", `A new notice from a government office has arrived at Madoguchi.
Log in to read it.
{origin}/notice

You can stop these mails in your registration at Madoguchi.
`},
		"easy": {"新(あたら)しい お知(し)らせが あります", `「まどぐち」に、役所(やくしょ)などからの 新(あたら)しい お知(し)らせが あります。
ログインして 読(よ)んで ください。
{origin}/notice

この メールが いらない ときは、「まどぐち」の 登録(とうろく)で 止(と)められます。
`},
	},
}

var japan = time.FixedZone("JST", 9*60*60)

// Write gives subject and text of a letter, with links under origin.
func Write(l Letter, origin string) (subject, body string, err error) {
	languages, ok := texts[l.Kind]
	if !ok {
		return "", "", fmt.Errorf("no text for mails of kind %q", l.Kind)
	}
	t, ok := languages[l.Language]
	if !ok {
		t = languages["ja"]
	}
	at := time.UnixMilli(l.At).In(japan)
	layout := "2006年1月2日 15時04分"
	if l.Language == "en" {
		layout = "2 January 2006, 15:04"
	}
	fill := strings.NewReplacer(
		"{origin}", origin,
		// The page takes the token out of the address at once; no log of ours holds a query, no referrer goes out.
		"{link}", origin+"/account/confirm?token="+url.QueryEscape(l.Token),
		"{time}", at.Format(layout),
	)
	prefix := "【まどぐち】"
	if l.Language == "en" {
		prefix = "[Madoguchi] "
	}
	return prefix + t.subject, fill.Replace(t.body), nil
}

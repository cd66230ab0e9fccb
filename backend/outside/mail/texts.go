package mail

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"madoguchi/proto/clock"
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
	AccountChanged: {
		"ja": {"登録内容の変更のお知らせ", `{time} に、まどぐちの登録内容が次のように変更されました。変更のときに、マイナンバーカードと暗証番号が使われています。

{changes}

お心当たりがあるときは、何もする必要はありません。

お心当たりのない場合は、{until} までに次のページを開き、「元に戻す」を押してください。変更の前の状態に戻り、すべての端末からログアウトします。ログインは要りません。
{undo}

あわせて、カードが手元にあるかを確かめてください。ないときは、マイナンバー総合フリーダイヤル(0120-95-0178)でカードの一時利用停止を申し出てください。
`},
		"en": {"Your registration was changed", `Your registration at Madoguchi was changed on {time} (Japan time). The My Number Card and its PIN were used for it.

{changes}

If it was you, there is nothing to do.

If it was not you, open this page before {until} (Japan time) and press “Undo”. Everything is put back as it was and every device is logged out. You need not log in.
{undo}

Look for your card, too. If it is gone, have it suspended by telephone: 0120-95-0178 (free of charge; 0120-0178-27 in English).
`},
		"easy": {"登録(とうろく)が 変(か)わりました", `{time} に、「まどぐち」の 登録(とうろく)が 変(か)わりました。マイナンバーカードと 暗証番号(あんしょうばんごう)を 使(つか)って 変(か)えました。

{changes}

あなたが 変(か)えた ときは、何(なに)も しなくて いいです。

あなたでは ない ときは、{until} までに 下(した)の ページを ひらいて、「元(もと)に もどす」を おして ください。変(か)える 前(まえ)に もどります。ログインは いりません。
{undo}

カードが あるか 見(み)て ください。カードが ない ときは、0120-95-0178 に 電話(でんわ)して、カードを 止(と)めて ください。お金(かね)は かかりません。
`},
	},
	ChangeUndone: {
		"ja": {"登録内容を元に戻しました", `{time} に、まどぐちの登録内容の変更が取り消され、変更の前の状態に戻りました。変更を知らせるメールのリンクから行われました。

すべての端末からログアウトしました。
登録内容は、ログインして「登録内容」で確かめられます。もう一度変更するには、マイナンバーカードが必要です。
{origin}/account
`},
		"en": {"A change was undone", `A change of your registration at Madoguchi was undone on {time} (Japan time), by the link in the mail that told of it. Everything is as it was before the change.

Every device was logged out.
Log in to see your registration. To change it again, your My Number Card is needed.
{origin}/account
`},
		"easy": {"登録(とうろく)を 元(もと)に もどしました", `{time} に、「まどぐち」の 登録(とうろく)を 元(もと)に もどしました。メールの リンクで もどしました。

ぜんぶの 機械(きかい)から ログアウトしました。
ログインして 登録(とうろく)を 見(み)て ください。もう 一度(いちど) 変(か)えるには、マイナンバーカードが いります。
{origin}/account
`},
	},
}

var changeTexts = map[Change]map[string]string{
	AddressReplaced: {
		"ja":   "・登録されているメールアドレスが、このアドレスから別のアドレスに変わりました。",
		"en":   "* The mail address is another one now. This address is no longer used.",
		"easy": "・メールアドレスが、ほかの メールアドレスに 変(か)わりました。",
	},
	AddressRemoved: {
		"ja":   "・このメールアドレスの登録が消されました。",
		"en":   "* This mail address was removed.",
		"easy": "・この メールアドレスを 消(け)しました。",
	},
	LoginMailOff: {
		"ja":   "・ログインのたびに届くメールが止められました。",
		"en":   "* The mail at each login was switched off.",
		"easy": "・ログインした ときの メールを 止(と)めました。",
	},
}

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
	layout := "2006年1月2日 15時04分"
	if l.Language == "en" {
		layout = "2 January 2006, 15:04"
	}
	moment := func(ms int64) string { return time.UnixMilli(ms).In(clock.Japan).Format(layout) }
	changes, err := describe(l)
	if err != nil {
		return "", "", err
	}
	fill := strings.NewReplacer(
		"{origin}", origin,
		// No browser sends what follows a # to a server, and the page takes it out of the address at once.
		"{link}", origin+"/account/confirm#token="+url.QueryEscape(l.Token),
		"{undo}", origin+"/account/undo#token="+url.QueryEscape(l.Token),
		"{time}", moment(l.At),
		"{until}", moment(l.Until),
		"{changes}", changes,
	)
	prefix := "【まどぐち】"
	if l.Language == "en" {
		prefix = "[Madoguchi] "
	}
	return prefix + t.subject, fill.Replace(t.body), nil
}

// describe says a letter's changes, a line each.
func describe(l Letter) (string, error) {
	var lines []string
	for _, change := range l.Changes {
		languages, ok := changeTexts[change]
		if !ok {
			return "", fmt.Errorf("no text for the change %q", change)
		}
		lines = append(lines, cmp.Or(languages[l.Language], languages["ja"]))
	}
	return strings.Join(lines, "\n"), nil
}

package main

import (
	"strings"

	"madoguchi/bridge/softcard"
)

// welcome says where to go and whose card to take.
func (h *house) welcome() string {
	s := h.settings
	places := [][]string{{"ポータル", s["PORTAL_ORIGIN"]}}
	if s.virtual() {
		places = append(places, []string{"カードを置く", "http://" + s["BRIDGE_VIRTUAL_ADDRESS"]})
	}
	places = append(places,
		[]string{"お知らせを送る", "http://" + s["SANDBOX_ADDRESS"]},
		[]string{"届いたメール", "http://" + s["SANDBOX_ADDRESS"] + "/mail"},
	)
	var b strings.Builder
	b.WriteString("\n" + h.out.bold("動いています。") + "\n\n" + table(places))
	if s.virtual() {
		b.WriteString("\n" + h.out.bold("試しに使える人（架空）と暗証番号") + "\n\n" + table(people()))
	} else {
		b.WriteString("\n  実物のカードリーダーを使います。ポータルが信じるのは、試験用の認証局が発行したカードだけです。\n")
	}
	b.WriteString("\n  終わるときは Ctrl-C。ソースを保存すると、変わったものだけを作り直して動かし直します。\n\n")
	return b.String()
}

func people() [][]string {
	rows := [][]string{{"カード", "氏名", "利用者証明用", "署名用", "券面", "特徴"}}
	for _, p := range softcard.People() {
		rows = append(rows, []string{p.ID, p.Name, orNone(p.AuthPIN), orNone(p.SignPIN), orNone(p.TextPIN), p.Special})
	}
	return rows
}

func orNone(pin string) string {
	if pin == "" {
		return "-"
	}
	return pin
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"madoguchi/bridge/softcard"
)

// welcome says where to go, what plays the outside world and how it is, and whose card to take.
func (h *house) welcome(ctx context.Context) string {
	s := h.settings
	places := [][]string{{"ポータル", s["PORTAL_ORIGIN"]}}
	if s.virtual() {
		places = append(places, []string{"カードを置く", "http://" + s["BRIDGE_VIRTUAL_ADDRESS"]})
	}
	places = append(places,
		[]string{"お知らせを送る", "http://" + s["SANDBOX_ADDRESS"] + "/notice"},
		[]string{"届いたメール", "http://" + s["SANDBOX_ADDRESS"] + "/mail"},
		[]string{"外がわの一覧", "http://" + s["SANDBOX_ADDRESS"]},
	)
	var b strings.Builder
	b.WriteString("\n" + h.out.bold("動いています。") + "\n\n" + table(places))
	b.WriteString("\n" + h.out.bold("ポータルの外にあるものの代わり（一覧で、遅くする、おかしくする、止める、ができます）") + "\n\n")
	if parts, err := h.parts(ctx); err != nil {
		b.WriteString("  " + err.Error() + "\n")
	} else {
		b.WriteString(table(parts))
	}
	if s.virtual() {
		b.WriteString("\n" + h.out.bold("試しに使える人（架空）と暗証番号") + "\n\n" + table(people()))
	} else {
		b.WriteString("\n  実物のカードリーダーを使います。ポータルが信じるのは、試験用の認証局が発行したカードだけです。\n")
	}
	b.WriteString("\n  終わるときは Ctrl-C。ソースを保存すると、変わったものだけを作り直して動かし直します。\n\n")
	return b.String()
}

// parts are the rows about the outside world, as the sandbox tells them.
func (h *house) parts(ctx context.Context) ([][]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	address := "http://" + h.settings["SANDBOX_ADDRESS"] + "/parts.json"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("asking the sandbox for its parts: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking the sandbox for its parts: %w", err)
	}
	defer response.Body.Close()
	var parts []struct{ Name, What, Now string }
	if err := json.NewDecoder(response.Body).Decode(&parts); err != nil {
		return nil, fmt.Errorf("reading the sandbox's parts: %w", err)
	}
	rows := [][]string{{"なまえ", "いま", "すること"}}
	for _, p := range parts {
		rows = append(rows, []string{p.Name, p.Now, p.What})
	}
	return rows, nil
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

package web

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"time"

	"madoguchi/backend/door/document"
	"madoguchi/backend/japan/catalog"
)

var busyTitle = catalog.Text{Ja: "ただいま混み合っています", En: "Very busy right now", Easy: "いま、とても 混《こ》んで います"}

func busyText(seconds int) catalog.Text {
	return catalog.Text{
		Ja:   fmt.Sprintf("短い時間にたくさんの問い合わせがありました。%d秒ほど待ってから、もう一度開いてください。", seconds),
		En:   fmt.Sprintf("There were many requests in a short time. Please wait about %d seconds and open the page again.", seconds),
		Easy: fmt.Sprintf("短《みじか》い 時間《じかん》に、たくさん 使《つか》われました。%d秒《びょう》くらい 待《ま》って、もう 一度《いちど》 開《ひら》いて ください。", seconds),
	}
}

// busy answers for a page that is not written now.
func busy(w http.ResponseWriter, language string, status int, wait time.Duration) {
	seconds := int((wait + time.Second - 1) / time.Second)
	h := w.Header()
	h.Set("Retry-After", strconv.Itoa(seconds))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<!doctype html><html lang="%s"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s — まどぐち</title><h1>%s</h1><p>%s</p>`,
		h.Get("Content-Language"), html.EscapeString(document.Plain(busyTitle, language)), document.In(busyTitle, language), document.In(busyText(seconds), language))
}

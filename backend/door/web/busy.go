package web

import (
	"fmt"
	"html"
	"net/http"
	"strconv"
	"time"

	"madoguchi/backend/door/document"
)

// busy answers for a page that is not written now.
func busy(w http.ResponseWriter, language string, status int, wait time.Duration) {
	h := w.Header()
	h.Set("Retry-After", strconv.Itoa(whole(wait)))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w,
		`<!doctype html><html lang="%s"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>%s — まどぐち</title><h1>%s</h1><p>%s</p>`,
		h.Get("Content-Language"), html.EscapeString(textBusy.In(language)), document.In(textBusy, language),
		document.In(textBusyWait.F(whole(wait)), language))
}

// whole is how many seconds a wait is, as it is told.
func whole(wait time.Duration) int { return int((wait + time.Second - 1) / time.Second) }

//go:build !js

package e2e_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// narrowedTo waits until the list tells of so many, and shows them; it gives what they say.
func (b *browser) narrowedTo(count int) []string {
	b.t.Helper()
	n := strconv.Itoa(count)
	b.until(n+" lines", "document.querySelector('.exchange-count')?.innerText.startsWith("+quote(n+"件の")+
		") && document.querySelectorAll('.exchange-row').length === "+n)
	return eval[[]string](b, "[...document.querySelectorAll('.exchange-row')].map(e => e.textContent)")
}

// choice is what a field offers of which something is said, and how many there are of it.
func (b *browser) choice(field, says string) (value string, count int) {
	b.t.Helper()
	option := "[...document.querySelectorAll('#" + field + " option')].find(o => o.text.includes(" + quote(says) + "))"
	b.until("the choice of "+says, option)
	value, label := eval[string](b, option+".value"), eval[string](b, option+".text")
	_, number, _ := strings.Cut(label, "（")
	count, err := strconv.Atoi(strings.TrimSuffix(number, "件）"))
	if err != nil || count == 0 {
		b.t.Fatalf("%s offers %q", field, label)
	}
	return value, count
}

// turnTo chooses a value of a field, as a person does.
func (b *browser) turnTo(field, value string) {
	b.t.Helper()
	eval[bool](b, "(e => { e.value = "+quote(value)+"; return e.dispatchEvent(new Event('change', {bubbles: true})) })"+
		"(document.getElementById("+quote(field)+"))")
}

// The list is narrowed by year, by office and by law: it says how many they are, the address keeps it for a link and
// for who comes back, and where nothing is there the page says so, with the way back to all.
func TestExchangesAreNarrowed(t *testing.T) {
	ownWorld(t, "yamada-hanako")
	b := newBrowser(t, phone, "ja")
	b.arrive("yamada-hanako", "1234", "花子", "目黒区")
	b.reports("目黒区長が")
	all := eval[int](b, "parseInt(document.querySelector('.exchange-count').innerText)")
	b.press("しぼりこむ")
	values := map[string]string{}
	asked := func(name, value string) {
		t.Helper()
		b.until("the address", "new URLSearchParams(location.search).get("+quote(name)+") === "+value)
	}
	for _, c := range []struct{ field, says, line string }{
		{"year", "2020年", "2020年"}, {"duty", "児童手当法", "児童手当"}, {"office", "札幌市長", "札幌市長"},
	} {
		value, count := b.choice("exchange-"+c.field, c.says)
		values[c.field] = value
		b.turnTo("exchange-"+c.field, value)
		if count >= all {
			t.Errorf("%s: %d of %d", c.says, count, all)
		}
		for _, line := range b.narrowedTo(count) {
			if !strings.Contains(line, c.line) {
				t.Errorf("%s: %s", c.says, line)
			}
		}
		asked(c.field, quote(value))
		b.turnTo("exchange-"+c.field, "")
		b.narrowedTo(all)
		asked(c.field, "null")
	}

	// By two at once, by a link; one of the lines and back; another page and back; and once more from the address.
	link := "/exchange?office=" + values["office"] + "&year=" + values["year"]
	b.open(link)
	narrowed := func() []string {
		t.Helper()
		b.until("what is chosen", "document.getElementById('exchange-year')?.value === "+quote(values["year"])+
			" && document.getElementById('exchange-office').value === "+quote(values["office"]))
		return b.narrowedTo(eval[int](b, "parseInt(document.querySelector('.exchange-count').innerText)"))
	}
	lines := narrowed()
	if len(lines) == 0 || len(lines) >= all {
		t.Errorf("by two: %d of %d", len(lines), all)
	}
	for _, line := range lines {
		if !strings.Contains(line, "2020年") || !strings.Contains(line, "札幌市長") {
			t.Errorf("by two: %s", line)
		}
	}
	b.inspect("narrowed by two")
	b.screenshot("exchange-narrowed-phone")
	for _, away := range []func(){
		func() { b.press("目黒区長が、"); b.sees("項目の名前だけで") },
		func() { b.follow("/exchange/rules") },
	} {
		away()
		b.back()
		b.at("/exchange")
		if again := narrowed(); !slices.Equal(again, lines) {
			t.Errorf("come back to %q, want %q", again, lines)
		}
	}
	b.reload()
	if again := narrowed(); !slices.Equal(again, lines) {
		t.Errorf("loaded anew: %q, want %q", again, lines)
	}

	// Nothing, and the way back.
	b.open("/exchange?office=" + values["office"] + "&year=1999")
	b.sees("この条件に合う記録はありません", "1999年（0件）")
	b.narrowedTo(0)
	b.inspect("narrowed to nothing")
	b.screenshot("exchange-nothing-phone")
	b.until("the way back", "document.querySelector('#exchange-all')")
	eval[bool](b, "document.querySelector('#exchange-all').click() || true")
	b.narrowedTo(all)
	b.until("nothing in the address", "location.search === ''")
}

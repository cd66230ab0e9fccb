package prepare

import (
	"testing"
	"time"

	"madoguchi/frontend/frame/lang"
)

func TestWhichBrowserThisIs(t *testing.T) {
	now := time.Date(2026, time.November, 26, 0, 0, 0, 0, time.UTC)
	const kit = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
	const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/18.1 Safari/605.1.15"
	const linux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
	const android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
	for _, c := range []struct {
		agent   string
		fingers bool
		want    browser
		old     bool
	}{
		{kit + "Version/26.1 Mobile/15E148 Safari/604.1", true, browser{safariPhone, 26}, false},
		{kit + "Version/18.0 Mobile/15E148 Safari/604.1", true, browser{safariPhone, 18}, true},
		{kit + "Version/27.0 Mobile/15E148 Safari/604.1", true, browser{safariPhone, 27}, false},
		{kit + "CriOS/142.0.0.0 Mobile/15E148 Safari/604.1", true, browser{maker: otherApple}, false},
		{kit + "Mobile/15E148 Safari Line/14.0.0", true, browser{maker: insideApp}, false},
		{kit + "Mobile/15E148", true, browser{}, false},
		{mac, true, browser{safariPhone, 18}, true},
		{mac, false, browser{safariMac, 18}, true},
		{android + "Chrome/142.0.0.0 Mobile Safari/537.36", true, browser{chromePhone, 142}, false},
		{android + "Chrome/98.0.4758.101 Mobile Safari/537.36", true, browser{chromePhone, 98}, true},
		{android + "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", true, browser{maker: samsung}, false},
		{"Mozilla/5.0 (Linux; Android 14; SM-A5; wv) AppleWebKit/537.36 Version/4.0 Chrome/142.0.0.0 Mobile",
			true,
			browser{maker: insideApp}, false},
		{"Mozilla/5.0 (Android 14; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0", true, browser{firefoxPhone, 144},
			false},
		{linux + "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", false, browser{chromeComputer, 142},
			false},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", false, browser{firefoxComputer, 128},
			true},
		{"", false, browser{}, false},
		{"Firefox/99999999999999999999", false, browser{firefoxComputer, 9999}, false},
	} {
		got := browserOf(c.agent, c.fingers)
		if got != c.want || got.old(now) != c.old {
			t.Errorf("%s: %+v, old %v", c.agent, got, got.old(now))
		}
	}
}

func TestEveryBrowserHasAWay(t *testing.T) {
	for m := unknown; m <= insideApp; m++ {
		for _, step := range (browser{maker: m}).steps() {
			for _, code := range lang.All {
				if step.In(code) == "" {
					t.Errorf("browser %d says nothing in %s", m, code)
				}
			}
		}
	}
}

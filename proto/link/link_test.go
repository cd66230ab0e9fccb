package link

import (
	"net/url"
	"strings"
	"testing"
)

func TestLinksThatPass(t *testing.T) {
	for _, s := range []string{
		"https://example.jp", "https://www.city.meguro.tokyo.jp/hoiku?a=1&b=2#c", "HTTPS://WWW.Example.JP/",
		"https://example.jp:443/x", "https://shinsei.example.jp/フォーム/申請?q=%E6%9D%B1",
		"https://日本語.jp/", "https://xn--wgv71a119e.jp/", "https://さくら.example.jp/", "https://コーヒー.jp",
		"https://例え24.jp/", "https://a-b.example.co.jp/~x/(1)/;v=1,2!'*$@:", "https://xn--eckwd4c7c.jp/",
		"https://東京tokyo.jp/",
	} {
		if err := Check(s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestLinksThatAreRefused(t *testing.T) {
	for _, s := range []string{
		"", "example.jp", "http://example.jp/", "javascript:alert(1)", "data:text/html,x", "https:", "https://",
		"https:///example.jp", "https:example.jp", "//example.jp", "ftp://example.jp",
		"https://user@example.jp/", "https://user:pass@example.jp/", "https://www.city.example.jp@evil.com/",
		"https://@example.jp/",
		"https://example.jp:8443/", "https://example.jp:80/", "https://example.jp:/", "https://example.jp:0443/",
		"https://example.jp:x/",
		"https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
		"https://0177.0.0.1/", "https://10.0.0.1/", "https://8.8.8.8/", "https://[::1]/", "https://[fe80::1%25eth0]/",
		"https://[::ffff:127.0.0.1]/", "https://①②⑦.0.0.1/", "https://127。0。0。1/",
		"https://localhost/", "https://portal/", "https://foo.localhost/", "https://printer.local/",
		"https://x.internal/", "https://x.intranet/", "https://x.lan/", "https://router.home.arpa/", "https://a.onion/",
		"https://x.test/",
		"https://x.invalid/", "https://LOCALHOST/", "https://example.jp./", "https://.jp/", "https://a..jp/",
		"https://-a.jp/", "https://a_b.jp/", "https://ab--cd.jp/", "https://xn--a.jp/", "https://xn--.jp/",
		"https://аррӏе.com/", "https://xn--80ak6aa92e.com/", "https://gоogle.com/", "https://ɡoogle.com/",
		"https://ｅｘａｍｐｌｅ.jp/", "https://example｡jp/", "https://example。jp/", "https://faß.de/", "https://bücher.de/",
		"https://ελλάδα.gr/",
		"https://example.comノlogin.jp/", "https://exampleーlogin.jp/", "https://www一example.jp/", "https://exampleロ.jp/",
		"https://例\u200bえ.jp/", "https://例\u00adえ.jp/", "https://日本語。jp/", "https://k\u0301.jp/", "https://💩.jp/",
		"https://a・b.jp/",
		"https://%65xample.jp/", "https://example.jp%2f.evil.com/", "https://example.jp\\@evil.com/",
		"https://example.jp/ x", "https://example.jp/\u3000x", "https://example.jp/\nx", "https://example.jp/<script>",
		"https://example.jp/\"x",
		"https://example.jp/\u202egpj", "https://example.jp/\u200b", "https://example.jp/\xff",
		"https://example.jp/" + strings.Repeat("x", 2000), "https://" + strings.Repeat("a", 64) + ".jp/",
		"https://" + strings.Repeat("abc.", 70) + "jp/", " https://example.jp/",
	} {
		if Check(s) == nil {
			t.Errorf("%q passes", s)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{
		"https://www.city.example.jp/a?b=c#d", "https://xn--wgv71a119e.jp/", "https://日本語.jp:443/", "https://127.1",
		"https://a@b.jp", "https://example.comノlogin.jp/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if Check(s) != nil {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" || u.User != nil || !strings.Contains(u.Hostname(), ".") {
			t.Errorf("%q passes", s)
		}
		for _, r := range u.Hostname() {
			if r < 0x80 && !strings.ContainsRune(
				"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.", r,
			) {
				t.Errorf("%q has the host %q", s, u.Hostname())
			}
		}
	})
}

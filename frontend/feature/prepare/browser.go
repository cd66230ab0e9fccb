package prepare

import (
	"strconv"
	"strings"
	"time"

	"madoguchi/frontend/frame/lang"
)

// maker is whose browser this is, and where it runs: the way to install differs.
type maker int

const (
	unknown maker = iota
	safariPhone
	otherApple // every browser of an iPhone or iPad is Safari beneath, with the button elsewhere
	safariMac
	chromePhone
	chromeComputer
	samsung
	firefoxPhone
	firefoxComputer
	insideApp // the page is shown by another app
)

// browser is what a browser says of itself. Who lies is told another browser's way.
type browser struct {
	maker   maker
	version int // 0 when not known
}

// browserOf reads the user agent; fingers tells that the screen takes several of them at once.
func browserOf(agent string, fingers bool) browser {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(agent, w) {
				return true
			}
		}
		return false
	}
	android := has("Android")
	apple := has("iPhone", "iPad", "iPod") || has("Macintosh") && fingers
	switch {
	case has(" Line/", "FBAN", "FBAV", "Instagram", "YJApp", "; wv)"):
		return browser{maker: insideApp}
	case apple && has("CriOS/", "FxiOS/", "EdgiOS/"):
		return browser{maker: otherApple}
	case apple && has("Safari/"):
		return browser{safariPhone, versionOf(agent, "Version/")}
	case has("SamsungBrowser/"):
		return browser{maker: samsung}
	case has("Firefox/") && android:
		return browser{firefoxPhone, versionOf(agent, "Firefox/")}
	case has("Firefox/"):
		return browser{firefoxComputer, versionOf(agent, "Firefox/")}
	case has("Chrome/") && android:
		return browser{chromePhone, versionOf(agent, "Chrome/")}
	case has("Chrome/"):
		return browser{chromeComputer, versionOf(agent, "Chrome/")}
	case has("Macintosh") && has("Safari/"):
		return browser{safariMac, versionOf(agent, "Version/")}
	}
	return browser{}
}

func versionOf(agent, before string) int {
	_, rest, _ := strings.Cut(agent, before)
	end := 0
	for end < len(rest) && end < 4 && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	version, _ := strconv.Atoi(rest[:end])
	return version
}

// tooOld is what the page 動作環境 promises: versions of the last two years.
const tooOld = 2 * 366 * 24 * time.Hour

// old tells whether a version came out longer ago than that, by when its maker brings them out.
func (b browser) old(now time.Time) bool {
	if b.version == 0 {
		return false
	}
	var out time.Time
	switch b.maker {
	case safariPhone, safariMac: // one each September; after 18 they are counted by the year that follows
		year := 2006 + b.version
		if b.version > 18 {
			year = 1999 + b.version
		}
		out = time.Date(year, time.September, 15, 0, 0, 0, 0, time.UTC)
	case chromePhone, chromeComputer: // one in four weeks
		out = time.Date(2024, time.November, 12, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 28*(b.version-131))
	case firefoxPhone, firefoxComputer:
		out = time.Date(2024, time.October, 29, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 28*(b.version-132))
	default:
		return false
	}
	return now.Sub(out) > tooOld
}

// steps are the way to install in this browser, one after the other.
func (b browser) steps() []lang.Text {
	switch b.maker {
	case safariPhone:
		return []lang.Text{textShareSafari, textShareHome, textShareAdd}
	case otherApple:
		return []lang.Text{textShareOther, textShareHome, textShareAdd}
	case safariMac:
		return []lang.Text{textDockFile, textDockAdd, textShareAdd}
	case chromePhone:
		return []lang.Text{textDotsChrome, textDotsHome, textDotsInstall}
	case chromeComputer:
		return []lang.Text{textSignComputer, textDotsInstall}
	case samsung:
		return []lang.Text{textLinesSamsung, textLinesPage, textShareAdd}
	case firefoxPhone:
		return []lang.Text{textDotsFirefox, textDotsHome, textShareAdd}
	case firefoxComputer:
		return []lang.Text{textNoneFirefox}
	case insideApp:
		return []lang.Text{textInsideApp, textInsideThen}
	}
	return []lang.Text{textInstallHand}
}

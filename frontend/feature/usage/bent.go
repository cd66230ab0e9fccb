package usage

import (
	"bytes"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/reach/rpc"
	"madoguchi/proto/clock"
	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/ledger"
)

// bent tells whether a line of an answer is not as it stands in the ledger. Whether those lines of the ledger stand in
// the log, and none is missing among them, is for part/evidence to say.
func bent(answer *portalv1.ListUsageResponse) bool {
	recorded := map[uint64]*portalv1.LedgerLine{}
	for _, l := range answer.GetLedgerLines() {
		recorded[l.GetNumber()] = l
	}
	for i, line := range answer.GetLines() {
		leaf := uint64(0)
		if leaves := answer.GetLeaves(); i < len(leaves) {
			leaf = leaves[i]
		}
		if leaf > 0 && !stands(line, recorded[leaf]) {
			return true
		}
	}
	return false
}

// stands tells whether a line stands in one of the ledger, word for word.
func stands(line *portalv1.UsageLine, in *portalv1.LedgerLine) bool {
	var all portalv1.UsageLines
	if in == nil || rpc.Unpack(in.GetContent(), &all) != nil {
		return false
	}
	want, err := rpc.Pack(line)
	if err != nil {
		return false
	}
	for _, one := range all.GetLines() {
		if has, err := rpc.Pack(one); err == nil && bytes.Equal(has, want) {
			return true
		}
	}
	return false
}

const (
	// mostSpanned is over how many lines of the chain the portal gives all that stand between those of a page.
	mostSpanned = 200
	// keptFor is for how many years a line stays in the history; in the chain it stays for good.
	keptFor = 10
)

// withheld tells whether a page of the list, which nothing narrows but a year (0 is all), leaves out what stands in the
// ledger between its lines. above is the last line of the page before; nil on the first, which begins with the newest.
func withheld(answer *portalv1.ListUsageResponse, above *portalv1.UsageLine, year int32, now time.Time) bool {
	listed := map[string]bool{}
	for _, l := range answer.GetLines() {
		listed[addressOf(l)] = true
	}
	if between(answer, above == nil && year == 0) {
		return true
	}
	// What came in the same millisecond as what ends a page may stand on either.
	oldest, newest := now.AddDate(-keptFor, 0, 1).UnixMilli(), now.AddDate(1, 0, 0).UnixMilli()
	if n := len(answer.GetLines()); n > 0 && answer.GetNextPageToken() != "" {
		oldest = answer.GetLines()[n-1].GetAt()
	}
	if year > 0 {
		first := time.Date(int(year), time.January, 1, 0, 0, 0, 0, clock.Japan)
		oldest, newest = max(oldest, first.UnixMilli()-1), min(newest, first.AddDate(1, 0, 0).UnixMilli())
	}
	if above != nil {
		newest = above.GetAt()
	}
	for _, recorded := range answer.GetLedgerLines() {
		var all portalv1.UsageLines
		if rpc.Unpack(recorded.GetContent(), &all) != nil {
			return true
		}
		for _, l := range all.GetLines() {
			if l.GetAt() > oldest && l.GetAt() < newest && !listed[addressOf(l)] {
				return true
			}
		}
	}
	return false
}

// between tells whether a line of the chain is missing between those of a page; first says that the page begins with
// the newest, so that they reach up to the head.
func between(answer *portalv1.ListUsageResponse, first bool) bool {
	from, to := uint64(0), uint64(0)
	for _, n := range answer.GetLeaves() {
		if n > 0 && (from == 0 || n < from) {
			from = n
		}
		to = max(to, n)
	}
	if from == 0 {
		return false
	}
	for _, head := range answer.GetLedger().GetHeads() {
		if first && head.GetChain() == uint32(ledger.Usages) {
			to = max(to, head.GetCount())
		}
	}
	if to-from >= mostSpanned {
		return false // nobody can say
	}
	there := map[uint64]bool{}
	for _, l := range answer.GetLedgerLines() {
		there[l.GetNumber()] = true
	}
	for n := from; n <= to; n++ {
		if !there[n] {
			return true
		}
	}
	return false
}

// bentBanner says it, and what to do.
func bentBanner(is bool) app.UI {
	banner := kit.NotificationBanner{ID: "usage-bent", Tone: kit.Failure}
	if is {
		banner.Title, banner.Body = textBent, []app.UI{
			textBentMeans.P(""), app.P().Body(kit.Link{Label: textBentDo, Href: "/inquiry/new?page=/usage"}.UI()),
		}
	}
	return banner.UI()
}

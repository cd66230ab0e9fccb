package notice

import (
	"testing"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

func TestOnlyWhatArrivedSinceIsAnnounced(t *testing.T) {
	var k known
	sent := func(id string, at int64) *portalv1.Notice { return &portalv1.Notice{Id: id, SentAt: at} }
	for i, c := range []struct {
		found   []*portalv1.Notice
		arrived *portalv1.Notice
		want    string
	}{
		{found: []*portalv1.Notice{sent("b", 2), sent("a", 1)}}, // when the page begins
		{found: []*portalv1.Notice{sent("b", 2), sent("a", 1)}},
		{found: []*portalv1.Notice{sent("d", 4), sent("c", 3), sent("b", 2)}, want: "d"},
		{arrived: sent("c", 3)}, // was found meanwhile
		{arrived: sent("e", 5), want: "e"},
		{arrived: sent("e", 5)},                                               // could not be passed on before
		{arrived: sent("f", 5), want: "f"},                                    // in the same millisecond
		{found: []*portalv1.Notice{sent("of where the person lives now", 4)}}, // is new to the page alone
		{},
	} {
		var fresh *portalv1.Notice
		if c.arrived != nil {
			fresh = k.arrived([]*portalv1.Notice{c.arrived})
		} else {
			fresh = k.found(c.found)
		}
		if fresh.GetId() != c.want {
			t.Errorf("%d: %q is announced, not %q", i, fresh.GetId(), c.want)
		}
	}
	// Who had none hears of the first.
	k = known{}
	k.found(nil)
	if fresh := k.found([]*portalv1.Notice{sent("a", 1)}); fresh.GetId() != "a" {
		t.Error("the first of all is not announced")
	}
}

// What arrives stands where its day puts it; of what is older than all that is shown, nothing, while there are pages to
// come.
func TestWhatIsFoundLaterStandsInItsPlace(t *testing.T) {
	l := list{filter: all}
	l.add(&portalv1.ListNoticesResponse{
		Notices: []*portalv1.Notice{{Id: "d", SentAt: 4}, {Id: "b", SentAt: 2}}, NextPageToken: "t",
	})
	for _, n := range []*portalv1.Notice{{Id: "c", SentAt: 3}, {Id: "a", SentAt: 1}, {Id: "e", SentAt: 5}} {
		l.arrive(n)
	}
	if ids(l) != "edcb" {
		t.Error(ids(l))
	}
	l.next = ""
	if !l.arrive(&portalv1.Notice{Id: "a", SentAt: 1}) || ids(l) != "edcba" {
		t.Error(ids(l))
	}
}

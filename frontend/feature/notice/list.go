package notice

import (
	"slices"

	portalv1 "madoguchi/proto/gen/portal/v1"
	"madoguchi/proto/gen/portal/v1/portalv1limit"
)

// filter says which notices are shown.
type filter string

const (
	all    filter = "all"
	unread filter = "unread"
)

// list is what the page shows, put together from pages and from what arrives meanwhile.
type list struct {
	filter  filter
	notices []*portalv1.Notice
	next    string // token of the next page
	loaded  bool
}

func (l *list) request() *portalv1.ListNoticesRequest {
	return &portalv1.ListNoticesRequest{UnreadOnly: l.filter == unread, PageToken: l.next}
}

// add appends a page, leaving out what arrived before it was asked for.
func (l *list) add(page *portalv1.ListNoticesResponse) {
	ahead(page.GetNotices())
	for _, n := range page.GetNotices() {
		if !l.has(n.GetId()) {
			l.notices = append(l.notices, n)
		}
	}
	l.next, l.loaded = page.GetNextPageToken(), true
}

// arrive puts a new notice in its place, mostly on top, if it belongs here.
func (l *list) arrive(n *portalv1.Notice) bool {
	for _, known := range l.notices {
		if known.GetId() == n.GetId() {
			known.Read = n.GetRead() // it may have been read beside the list
		}
	}
	if !l.loaded || l.has(n.GetId()) || l.filter == unread && n.GetRead() {
		return false
	}
	at := slices.IndexFunc(l.notices, func(other *portalv1.Notice) bool { return other.GetSentAt() <= n.GetSentAt() })
	if at < 0 && l.next != "" {
		return false // it comes with a later page
	}
	if at < 0 {
		at = len(l.notices)
	}
	l.notices = slices.Insert(l.notices, at, n)
	return true
}

func (l *list) has(id string) bool {
	return slices.ContainsFunc(l.notices, func(n *portalv1.Notice) bool { return n.GetId() == id })
}

// unreadIDs are those shown and not yet read, as many as one call takes.
func (l *list) unreadIDs() []string {
	var ids []string
	for _, n := range l.notices {
		if !n.GetRead() && len(ids) < portalv1limit.MarkNoticesRequestIds {
			ids = append(ids, n.GetId())
		}
	}
	return ids
}

// markRead notes that the portal marked them.
func (l *list) markRead(ids []string) {
	for _, n := range l.notices {
		if slices.Contains(ids, n.GetId()) {
			n.Read = true
		}
	}
}

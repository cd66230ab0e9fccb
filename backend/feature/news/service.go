package news

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	portalv1 "madoguchi/proto/gen/portal/v1"
)

// lookEvery is how long what was read holds before the file is looked at again.
const lookEvery = 5 * time.Second

// Service implements portal.v1's NewsService.
type Service struct {
	file string
	now  func() time.Time

	mu     sync.Mutex
	looked time.Time
	read   stamp
	all    []*portalv1.News
}

// stamp tells one writing of a file from another.
type stamp struct {
	at   time.Time
	size int64
}

// New reads the file for the first time; "" is none. A file that is wrong is an error here; one that becomes wrong
// later leaves the news as they were.
func New(file string, now func() time.Time) (*Service, error) {
	s := &Service{file: file, now: now}
	if file == "" {
		return s, nil
	}
	all, err := read(file)
	if err != nil {
		return nil, err
	}
	s.all, s.looked, s.read = all, now(), stampOf(file)
	return s, nil
}

func stampOf(file string) stamp {
	info, err := os.Stat(file)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size()}
}

// ListNews tells what there is to say.
func (s *Service) ListNews(context.Context, *portalv1.ListNewsRequest) (*portalv1.ListNewsResponse, error) {
	return &portalv1.ListNewsResponse{News: s.current()}, nil
}

func (s *Service) current() []*portalv1.News {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.file == "" || now.Sub(s.looked) < lookEvery && !now.Before(s.looked) {
		return s.all
	}
	s.looked = now
	is := stampOf(s.file)
	if is == s.read {
		return s.all
	}
	s.read = is
	all, err := read(s.file)
	if err != nil {
		slog.Error("the news are left as they were", "error", err)
		return s.all
	}
	s.all = all
	return s.all
}

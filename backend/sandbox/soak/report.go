package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// report collects what happened.
type report struct {
	began  time.Time
	length time.Duration

	mu            sync.Mutex
	logins, reads []time.Duration
	visits        int
	refused       map[string]int // people who behaved, by what they were told
	attacks       map[string]int
	acts          map[string]int
	failed        []error // of the operator
	after         []error
	memory        []int64 // a second each, bytes
}

func newReport(length time.Duration) *report {
	return &report{
		began: time.Now(), length: length, refused: map[string]int{}, attacks: map[string]int{}, acts: map[string]int{},
	}
}

func (r *report) with(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do()
}

func (r *report) login(took time.Duration)      { r.with(func() { r.logins = append(r.logins, took) }) }
func (r *report) read(took time.Duration)       { r.with(func() { r.reads = append(r.reads, took) }) }
func (r *report) attacked(name string, _ error) { r.with(func() { r.attacks[name]++ }) }
func (r *report) afterwards(err error) {
	if err != nil {
		r.with(func() { r.after = append(r.after, err) })
	}
}

func (r *report) visited(err error) {
	r.with(func() {
		r.visits++
		if err != nil {
			r.refused[err.Error()]++
		}
	})
}

func (r *report) operated(what string, err error) {
	r.with(func() {
		r.acts[what]++
		if err != nil && !errors.Is(err, context.Canceled) {
			r.failed = append(r.failed, fmt.Errorf("%s: %w", what, err))
		}
	})
}

// watch notes the portal's memory each second.
func (r *report) watch(ctx context.Context, pid int) {
	for ctx.Err() == nil {
		if size, err := residentSize(pid); err == nil {
			r.with(func() { r.memory = append(r.memory, size) })
		}
		pause(ctx, time.Second)
	}
}

func residentSize(pid int) (int64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("no VmRSS")
}

func (r *report) print(out io.Writer) {
	fmt.Fprintf(out, "\n%-58s %10d\n", "visits of people who behaved", r.visits)
	fmt.Fprintf(out, "%-58s %10v %10v\n", "a login, median and 95 of 100", percentile(r.logins, 50),
		percentile(r.logins, 95))
	fmt.Fprintf(out, "%-58s %10v %10v\n", "reading the notices, median and 95 of 100", percentile(r.reads, 50),
		percentile(r.reads, 95))
	for _, name := range slices.Sorted(maps.Keys(r.attacks)) {
		fmt.Fprintf(out, "%-58s %10d\n", name, r.attacks[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.acts)) {
		fmt.Fprintf(out, "%-58s %10d\n", name, r.acts[name])
	}
	early, late := r.peaks()
	fmt.Fprintf(out, "%-58s %7d MB %7d MB\n", "memory: peak of the second and of the last quarter", early>>20, late>>20)
}

func (r *report) peaks() (early, late int64) {
	n := len(r.memory)
	if n < 4 {
		return 0, 0
	}
	return slices.Max(r.memory[n/4 : n/2]), slices.Max(r.memory[3*n/4:])
}

func percentile(all []time.Duration, p int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)*p/100].Round(100 * time.Microsecond)
}

// verdict is nil when all went well.
func (r *report) verdict(portal *process) error {
	var faults []error
	faults = append(faults, portal.alive())
	for told, times := range r.refused {
		faults = append(faults, fmt.Errorf("somebody who behaved was refused %d times: %s", times, told))
	}
	for _, err := range r.after {
		faults = append(faults, fmt.Errorf("when all was quiet somebody did not get in: %w", err))
	}
	faults = append(faults, r.failed...)
	early, late := r.peaks()
	if late > memoryLimit {
		faults = append(faults, fmt.Errorf("the portal took %d MB, more than %d", late>>20, memoryLimit>>20))
	}
	if r.length >= time.Minute && float64(late) > memoryMayGrow*float64(early) {
		faults = append(faults, fmt.Errorf("memory grew from %d to %d MB", early>>20, late>>20))
	}
	if len(r.logins) == 0 {
		faults = append(faults, errors.New("nobody logged in"))
	}
	return errors.Join(faults...)
}

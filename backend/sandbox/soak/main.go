// Command soak runs the built portal for some minutes between fifty people who behave, an operator at work, and
// attackers who do not give up. It ends well when the portal is still the process that it was, nobody who behaved was
// refused, and memory did not grow. It plays the outside world over public protocols, on loopback addresses alone, and
// is not for a portal in service.
//
// `make soak` runs it; SOAK says for how long.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const (
	peopleCount = 50
	// memoryMayGrow is how much larger the last quarter's peak may be than the second's.
	memoryMayGrow = 1.15
	// memoryLimit is what the portal may take at all while it is attacked, with the test catalogue.
	memoryLimit = 512 << 20
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	length := flag.Duration("for", 5*time.Minute, "how long")
	build := flag.String("build", "build", "directory of the built programs and the page")
	flag.Parse()
	if err := run(ctx, *build, *length); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, build string, length time.Duration) error {
	dir, err := os.MkdirTemp("", "soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w, err := start(ctx, build, dir)
	if err != nil {
		return err
	}
	defer w.stop()
	fmt.Printf("the portal runs as process %d; %d people, %d kinds of attack, %v\n", w.portal.pid(), peopleCount,
		len(attacks), length)

	report := newReport(length)
	living, endPeople := context.WithTimeout(ctx, length)
	defer endPeople()
	var all sync.WaitGroup
	var people []*person
	for n := range peopleCount {
		p := newPerson(w, n)
		people = append(people, p)
		all.Go(func() { p.live(living, report) })
	}
	for _, a := range attacks {
		all.Go(func() { a.run(living, w, report) })
	}
	all.Go(func() { operate(living, w, report) })
	all.Go(func() { report.watch(living, w.portal.pid()) })
	all.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// When all is quiet, everybody gets in at the first try.
	for _, p := range people {
		report.afterwards(p.visit(ctx, report))
	}
	report.print(os.Stdout)
	return report.verdict(w.portal)
}

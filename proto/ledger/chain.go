package ledger

import "errors"

// Head is where a chain ends: how many lines it has, and the commitment of the last. A chain without lines has none.
type Head struct {
	Count uint64
	Last  Hash
}

// What may be wrong with what a page is shown. Each says one thing that it can tell a person.
var (
	// ErrGap: a line is missing between two, or at the end.
	ErrGap = errors.New("ledger: a line is missing")
	// ErrAltered: a line is not the one that the next one, or the head, was written after.
	ErrAltered = errors.New("ledger: a line is not as it was recorded")
	// ErrOrder: the lines are not in the order of their numbers, or one is there twice.
	ErrOrder = errors.New("ledger: lines are out of order")
	// ErrBackdated: a line bears a time at which it cannot have been recorded.
	ErrBackdated = errors.New("ledger: a line is dated back")
	// ErrForeign: a line is of another chain, or of none.
	ErrForeign = errors.New("ledger: a line is of another chain")
	// ErrCut: the chain has fewer lines than were seen before.
	ErrCut = errors.New("ledger: the newest lines are gone")
	// ErrForked: where the same lines were seen before there are others.
	ErrForked = errors.New("ledger: there are other lines than were seen before")
)

// CheckChain checks the last lines of a chain, in the order of their numbers, against its head. They may begin
// anywhere: those before them are checked later, against Before of the first. From the number 1 on they are all
// that there are.
func CheckChain(lines []Line, head Head) error {
	if len(lines) == 0 {
		if head.Count == 0 && head.Last == (Hash{}) {
			return nil
		}
		return ErrGap
	}
	for i, line := range lines {
		switch {
		case line.Chain != lines[0].Chain || line.Kind == 0 || line.Chain == 0 || line.Number == 0:
			return ErrForeign
		case line.Number == 1 && line.Previous != (Hash{}):
			return ErrAltered
		case i == 0:
			continue
		case line.Number <= lines[i-1].Number:
			return ErrOrder
		case line.Number != lines[i-1].Number+1:
			return ErrGap
		case line.Previous != lines[i-1].Commitment():
			return ErrAltered
		case line.RecordedAt < lines[i-1].RecordedAt:
			return ErrBackdated
		}
	}
	last := lines[len(lines)-1]
	switch {
	case last.Number < head.Count:
		return ErrGap
	case last.Number > head.Count:
		return ErrOrder
	case last.Commitment() != head.Last:
		return ErrAltered
	}
	return nil
}

// Before is the head of the chain as it was before this line.
func (l Line) Before() Head {
	if l.Number == 0 {
		return Head{}
	}
	return Head{Count: l.Number - 1, Last: l.Previous}
}

// CheckHead checks that a chain goes on from a head that was seen before. Where it has grown the line of that
// number is wanted, as the portal shows it now; nil where it is not at hand, and then only the count is held to.
func CheckHead(seen, now Head, line *Line) error {
	switch {
	case seen.Count == 0:
		return nil
	case now.Count < seen.Count:
		return ErrCut
	case now.Count == seen.Count && now.Last != seen.Last:
		return ErrForked
	case now.Count == seen.Count || line == nil:
		return nil
	case line.Number != seen.Count:
		return ErrForeign
	case line.Commitment() != seen.Last:
		return ErrForked
	}
	return nil
}

// CheckRecorded checks the time of a line that the log got only after it had a size at a time: recorded since then,
// but for what clocks differ and writing takes.
func CheckRecorded(line Line, index, size uint64, at int64) error {
	const slack = 10 * 60 * 1000
	if index >= size && line.RecordedAt < at-slack {
		return ErrBackdated
	}
	return nil
}

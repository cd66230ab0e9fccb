package ledger

import (
	"cmp"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// ParseShown reads what a witness is shown of a log (C2SP tlog-witness, add-checkpoint): the size that it is thought to
// have seen last, the proof that the log goes on from there, and the signed checkpoint.
func ParseShown(body string) (from uint64, proof []Hash, signed string, err error) {
	head, signed, ok := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	number, isOld := strings.CutPrefix(lines[0], "old ")
	from, err = strconv.ParseUint(number, 10, 62)
	if !ok || !isOld || err != nil || strconv.FormatUint(from, 10) != number || len(lines) > 64 {
		return 0, nil, "", cmp.Or(err, errors.New("what was sent is not \"old N\", a proof, and a checkpoint"))
	}
	list := make([][]byte, len(lines)-1)
	for i, line := range lines[1:] {
		if list[i], err = base64.StdEncoding.Strict().DecodeString(line); err != nil {
			return 0, nil, "", errors.New("a line of the proof is no hash")
		}
	}
	proof, err = Hashes(list)
	return from, proof, signed, err
}

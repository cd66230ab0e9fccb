package apdu

import "fmt"

// Status is the status word of a response.
type Status uint16

// Status words that My Number Cards are known to use.
const (
	StatusOK                  Status = 0x9000
	StatusEndOfFile           Status = 0x6282
	StatusVerifyFailed        Status = 0x6300
	StatusWrongLength         Status = 0x6700
	StatusNotVerified         Status = 0x6982
	StatusBlocked             Status = 0x6983
	StatusReferenceUnusable   Status = 0x6984
	StatusConditionsNotMet    Status = 0x6985
	StatusNoCurrentFile       Status = 0x6986
	StatusWrongData           Status = 0x6A80
	StatusNotSupported        Status = 0x6A81
	StatusNotFound            Status = 0x6A82
	StatusWrongParameters     Status = 0x6A86
	StatusOutOfFile           Status = 0x6B00
	StatusUnknownInstruction  Status = 0x6D00
	StatusUnknownClass        Status = 0x6E00
	StatusNoPreciseDiagnosis  Status = 0x6F00
	statusTriesLeft           Status = 0x63C0
	statusTriesLeftComparison Status = 0xFFF0
)

// StatusTries is 63Cx: the comparison failed, or was not made, and n tries are left (0 to 15).
func StatusTries(n int) Status {
	return statusTriesLeft | Status(n)&0xF
}

// TriesLeft is x of a 63Cx.
func (s Status) TriesLeft() (int, bool) {
	if s&statusTriesLeftComparison != statusTriesLeft {
		return 0, false
	}
	return int(s & 0xF), true
}

// String is the status word in hexadecimal as people write it: 6A82.
func (s Status) String() string {
	return fmt.Sprintf("%04X", uint16(s))
}

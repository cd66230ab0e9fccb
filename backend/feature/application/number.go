package application

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"

	"madoguchi/proto/clock"
)

// A 受付番号 is for people to quote: the day of arrival, eight digits drawn by lot, and two by which a digit that was
// mistaken, or two that changed places, are found (ISO 7064, MOD 97-10): 261126-01234567-42.
func newNumber(at time.Time) (string, error) {
	drawn, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		return "", fmt.Errorf("drawing a number: %w", err)
	}
	digits := strings.ReplaceAll(clock.Day(at), "-", "")[2:] + fmt.Sprintf("%08d", drawn)
	return fmt.Sprintf("%s-%s-%02d", digits[:6], digits[6:], 98-remainder(digits+"00")), nil
}

// ValidNumber says whether a number can be one.
func ValidNumber(number string) bool {
	digits := strings.ReplaceAll(number, "-", "")
	return len(number) == 18 && len(digits) == 16 && number[6] == '-' && number[15] == '-' &&
		strings.Trim(digits, "0123456789") == "" && remainder(digits) == 1
}

// remainder of a number, written in digits, by 97.
func remainder(digits string) (r int) {
	for _, d := range digits {
		r = (r*10 + int(d-'0')) % 97
	}
	return r
}

package words

import "syscall/js"

// compatible is NFKC: half-width kana and full-width letters become the usual ones.
func compatible(s string) string {
	return js.Global().Get("String").Get("prototype").Get("normalize").Call("call", s, "NFKC").String()
}

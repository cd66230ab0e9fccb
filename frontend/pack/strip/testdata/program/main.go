// Command program does what the runtime reads its tables for: it moves stacks, collects garbage, recovers, says where
// it is, and ends in a panic.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

type tree struct{ left, right *tree }

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{grow(depth - 1), grow(depth - 1)}
}

func (t *tree) leaves() int {
	if t.left == nil {
		return 1
	}
	return t.left.leaves() + t.right.leaves()
}

func deep(n int) (sum int) {
	defer func() {
		if recover() != nil {
			sum += n
		}
	}()
	if n == 0 {
		panic("recovered")
	}
	return deep(n-1) + n
}

// of is a function of many types.
//
//go:noinline
func of[T, U any](T, U) int {
	var none *tree
	return none.leaves()
}

func main() {
	kept := grow(12)
	done := make(chan int)
	for range 10 {
		go func() {
			grow(12)
			runtime.GC()
			done <- deep(2000)
		}()
	}
	for range 10 {
		fmt.Println(<-done)
	}
	fmt.Println(kept.leaves(), strings.Repeat("a", 3))
	pc, file, _, _ := runtime.Caller(0)
	fmt.Println(runtime.FuncForPC(pc).Name(), file[strings.LastIndex(file, "/")+1:])
	fmt.Println(of(1, struct{ name string }{"a"}))
}

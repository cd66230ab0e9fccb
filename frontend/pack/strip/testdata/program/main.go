// Command program does what the runtime reads its tables for: it moves stacks, collects garbage, recovers, says where
// it is, and ends in a panic.
package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"
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

type shape interface{ area(...float64) float64 }

type square float64

func (s square) area(of ...float64) float64 {
	for _, f := range of {
		s *= square(f)
	}
	return float64(s * s)
}

// wrong does something that cannot be, and says what was recovered from.
func wrong(n int) (said string) {
	defer func() { said = fmt.Sprint(recover()) }()
	list, divisor := []int{1, 2, 3}, n-n
	var none *tree
	var any any = n
	var m map[string]int
	switch n {
	case 0:
		return fmt.Sprint(list[n+3])
	case 1:
		return fmt.Sprint(list[n+1 : n])
	case 2:
		return fmt.Sprint(n / divisor)
	case 3:
		return fmt.Sprint(none.left.right)
	case 4:
		return any.(string)
	case 5:
		m["a"] = n
	case 6:
		panic(errors.New("six"))
	case 7:
		return fmt.Sprint(any.(shape))
	case 8:
		return fmt.Sprint([2]int(list[:n-7]))
	case 9:
		return fmt.Sprint(make([]int, -n))
	case 11:
		var nobody *square
		return fmt.Sprint([]shape{nobody}[n-11].area())
	}
	return "nothing"
}

// jumps goes back and forth between its parts.
func jumps(n int) (path string) {
again:
	for i := range n {
		for j := n; j > 0; j-- {
			switch {
			case i*j == 6:
				path += "a"
				continue again
			case i+j == 9:
				break again
			case i > j && len(path) < 5:
				path += "b"
				n--
				goto again
			case i%3 == 1 || j&1 == 0 && i < 2:
				path += fmt.Sprint(i, j, ";")
			}
		}
	}
	return path
}

// selects has goroutines wait for each other in all ways.
func selects() (sum int) {
	in, out, stop := make(chan int), make(chan func() int, 2), make(chan struct{})
	go func() {
		defer close(out)
		for {
			select {
			case n := <-in:
				out <- func() int { return n * n }
			case <-stop:
				runtime.Goexit()
			}
		}
	}()
	for i := range 5 {
		in <- i
		sum += (<-out)()
		time.Sleep(time.Millisecond)
	}
	close(stop)
	_, open := <-out
	return sum + len(fmt.Sprint(open))
}

// large has more on its stack than one step of it.
func large(n int) int {
	var room [5000]int
	for i := range room {
		room[i] = i ^ n
	}
	if n > 0 {
		return room[n] + large(n-1)
	}
	return slices.Max(room[:])
}

func main() {
	for n := range 11 {
		fmt.Println(wrong(n))
	}
	said, _, _ := strings.Cut(wrong(11), "main.") // which method, is said by its number when stripped
	said, _, _ = strings.Cut(said, "f.")
	fmt.Println(said)
	for n := range 12 {
		fmt.Println(jumps(n))
	}
	fmt.Println(selects(), large(30))
	for _, s := range []shape{square(2), square(math.Pi)} {
		fmt.Println(s.area(), s.area(1.5, float64(float32(0.1))), int64(s.area(1e30)), uint8(s.area(3)), -7/int(s.area()))
	}
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

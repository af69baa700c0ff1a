package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// rss is the resident set in bytes, from the second number of statm, in pages.
func rss() float64 {
	var size, resident float64
	b, _ := os.ReadFile("/proc/self/statm")
	fmt.Sscan(string(b), &size, &resident)
	return resident * float64(os.Getpagesize())
}

func parked(n int) {
	runtime.GC()
	before := rss()
	c := make(chan int)
	var wg sync.WaitGroup
	var up int64
	wg.Add(n)
	start := time.Now()
	for i := 0; i < n; i++ {
		go func() {
			atomic.AddInt64(&up, 1)
			<-c
			wg.Done()
		}()
	}
	for atomic.LoadInt64(&up) < int64(n) {
		runtime.Gosched()
	}
	per("create+park", start, n, "ns/goroutine")
	millis("create+park-all", start)
	after := rss()
	sample("RSS-total", after/1048576, "MiB")
	sample("RSS/goroutine", (after-before)/float64(n), "bytes")
	start = time.Now()
	runtime.GC()
	millis("GC-with-parked", start)
	start = time.Now()
	close(c)
	millis("close-call", start)
	wg.Wait()
	millis("wake-all(close)", start)
	per("wake(close)", start, n, "ns/goroutine")
}

func sieve() {
	generate := func(out chan<- int) {
		for i := 2; ; i++ {
			out <- i
		}
	}
	filter := func(source <-chan int, out chan<- int, prime int) {
		for {
			if i := <-source; i%prime != 0 {
				out <- i
			}
		}
	}
	start := time.Now()
	ch := make(chan int)
	go generate(ch)
	prime := 0
	for i := 0; i < 2000; i++ {
		prime = <-ch
		next := make(chan int)
		go filter(ch, next, prime)
		ch = next
	}
	if prime != 17389 {
		panic(prime)
	}
	millis("first-2000-primes", start)
}

func leaves(out chan<- int, num, size, div int) {
	if size == 1 {
		out <- num
		return
	}
	results := make(chan int)
	part := size / div
	for i := 0; i < div; i++ {
		go leaves(results, num+i*part, part, div)
	}
	sum := 0
	for i := 0; i < div; i++ {
		sum += <-results
	}
	out <- sum
}

func skynet() {
	c := make(chan int)
	start := time.Now()
	go leaves(c, 0, 1000000, 10)
	if sum := <-c; sum != 499999500000 {
		panic(sum)
	}
	millis("1e6-leaves", start)
}

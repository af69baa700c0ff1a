package main

import (
	"runtime"
	"sync"
	"time"
)

const depth = 1000000

//go:noinline
func down(n int) int {
	if n == 0 {
		return 0
	}
	return 1 + down(n-1)
}

//go:noinline
func below(n int, bottom func()) int {
	if n == 0 {
		bottom()
		return 0
	}
	return 1 + below(n-1, bottom)
}

func stackInUse() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.StackInuse)
}

func deepStack() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		start := time.Now()
		if down(depth) != depth {
			panic("lost frames")
		}
		per("down+up", start, depth, "ns/frame")
		wg.Done()
	}()
	wg.Wait()
	runtime.GC()
	before := stackInUse()
	c := make(chan struct{})
	there := make(chan struct{})
	wg.Add(1)
	go func() {
		below(depth, func() {
			close(there)
			<-c
		})
		wg.Done()
	}()
	<-there
	sample("stack", (stackInUse()-before)/depth, "bytes/frame")
	close(c)
	wg.Wait()
}

func parkedDeep(n int) {
	runtime.GC()
	before := rss()
	c := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			below(100, func() {
				wg.Done()
				<-c
			})
		}()
	}
	wg.Wait()
	sample("RSS/goroutine", float64(rss()-before)/float64(n), "bytes")
	close(c)
}

package main

import (
	"runtime"
	"sort"
	"time"
)

// Two goroutines, each locked to a thread of its own: what a hand-over costs where two threads take part.
func pingPongThreads() {
	const n, window, pauses = 50000, 50, 300
	a, b := make(chan int), make(chan int)
	done := make(chan bool)
	go func() {
		runtime.LockOSThread()
		for v := range a {
			b <- v + 1
		}
	}()
	go func() {
		runtime.LockOSThread()
		windows := make([]float64, n/window)
		start := time.Now()
		for w := range windows {
			from := time.Now()
			for i := 0; i < window; i++ {
				a <- i
				<-b
			}
			windows[w] = float64(time.Since(from).Nanoseconds()) / window / 1000
		}
		per("roundtrip", start, n*1000, "us")
		sort.Float64s(windows)
		sample("roundtrip-spinning", windows[0], "us")
		parked := make([]float64, pauses)
		for i := range parked {
			time.Sleep(2 * time.Millisecond)
			from := time.Now()
			a <- i
			<-b
			parked[i] = float64(time.Since(from).Nanoseconds()) / 1000
		}
		sort.Float64s(parked)
		sample("roundtrip-parked", parked[len(parked)/2], "us")
		done <- true
	}()
	<-done
}

package main

import (
	"runtime"
	"sync"
	"time"
)

func mutexUncontended() {
	const n = 30000000
	var mu sync.Mutex
	x := 0
	start := time.Now()
	for i := 0; i < n; i++ {
		mu.Lock()
		x++
		mu.Unlock()
	}
	per("lock+unlock", start, x, "ns/op")
}

func mutexContended(goroutines int, yield bool, n int) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	wg.Add(goroutines)
	x := 0
	start := time.Now()
	for i := 0; i < goroutines; i++ {
		go func() {
			for j := 0; j < n/goroutines; j++ {
				mu.Lock()
				x++
				if yield {
					runtime.Gosched()
				}
				mu.Unlock()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	per("lock+unlock", start, x, "ns/op")
}

func sleepers() {
	const n = 100000
	var wg sync.WaitGroup
	wg.Add(n)
	late := make([]time.Duration, n)
	start := time.Now()
	for i := 0; i < n; i++ {
		go func(k int) {
			deadline := start.Add(400*time.Millisecond + time.Duration(k)*200*time.Millisecond/n)
			time.Sleep(time.Until(deadline))
			late[k] = time.Since(deadline)
			wg.Done()
		}(i)
	}
	millis("create", start)
	wg.Wait()
	sample("late-p50", percentile(late, 0.5), "ms")
	sample("late-p99", percentile(late, 0.99), "ms")
}

func timerStartStop() {
	const n = 1000000
	start := time.Now()
	for i := 0; i < n; i++ {
		time.NewTimer(time.Hour).Stop()
	}
	per("NewTimer+Stop", start, n, "ns/op")
}

func preemption(spinning bool, d time.Duration) {
	if spinning {
		for i := 0; i < runtime.GOMAXPROCS(0); i++ {
			go func() {
				for {
				}
			}()
		}
	}
	results := make(chan []time.Duration)
	go func() {
		var late []time.Duration
		end := time.Now().Add(d)
		for {
			start := time.Now()
			if !start.Before(end) {
				break
			}
			time.Sleep(time.Millisecond)
			late = append(late, time.Since(start)-time.Millisecond)
		}
		results <- late
	}()
	late := <-results
	ticks := make(chan int)
	go func() {
		ticker := time.NewTicker(time.Millisecond)
		end := time.After(d)
		for n := 0; ; {
			select {
			case <-ticker.C:
				n++
			case <-end:
				ticks <- n
				return
			}
		}
	}()
	n := <-ticks
	var sum time.Duration
	for _, l := range late {
		sum += l
	}
	sample("late-mean", ms(sum)/float64(len(late)), "ms")
	sample("late-p50", percentile(late, 0.5), "ms")
	sample("late-p99", percentile(late, 0.99), "ms")
	sample("late-max", percentile(late, 1), "ms")
	sample("ticks-per-s(1ms ticker)", float64(n)/d.Seconds(), "ticks/s")
}

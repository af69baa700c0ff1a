package main

import (
	"context"
	"runtime"
	"sync"
	"time"
)

func cancelChildren() {
	const n, rounds = 1000, 50
	var total time.Duration
	for r := 0; r < rounds; r++ {
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Add(n)
		for i := 0; i < n; i++ {
			child, stop := context.WithCancel(ctx)
			go func() {
				<-child.Done()
				stop()
				wg.Done()
			}()
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
		start := time.Now()
		cancel()
		wg.Wait()
		total += time.Since(start)
	}
	sample("cancel-1000-children", float64(total.Nanoseconds())/rounds/1000, "us")
}

func makeAndCancel() {
	const n = 1000000
	parent, cancel := context.WithCancel(context.Background())
	start := time.Now()
	for i := 0; i < n; i++ {
		_, stop := context.WithCancel(parent)
		stop()
	}
	per("WithCancel+cancel", start, n, "ns/op")
	cancel()
}

package main

import (
	"runtime"
	"sync"
	"time"
)

func spawnBatch() {
	const n = 1000000
	var wg sync.WaitGroup
	start := time.Now()
	wg.Add(n)
	for i := 0; i < n; i++ {
		go wg.Done()
	}
	wg.Wait()
	per("create+exit", start, n, "ns/goroutine")
}

func spawnJoin() {
	const n = 300000
	c := make(chan int)
	start := time.Now()
	for i := 0; i < n; i++ {
		go func() { c <- 1 }()
		<-c
	}
	per("create+join", start, n, "ns/goroutine")
}

func fanOut() {
	const rounds = 500
	start := time.Now()
	for r := 0; r < rounds; r++ {
		var wg sync.WaitGroup
		wg.Add(1000)
		for i := 0; i < 1000; i++ {
			go func() { wg.Done() }()
		}
		wg.Wait()
	}
	per("fanout1000", start, rounds*1000, "us/fanout")
}

func yields(n, total int) {
	each := total / n
	begin := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			<-begin
			for j := 0; j < each; j++ {
				runtime.Gosched()
			}
			wg.Done()
		}()
	}
	runtime.Gosched()
	start := time.Now()
	close(begin)
	wg.Wait()
	per("switch", start, n*each, "ns/switch")
}

func pingPong(n int) {
	a, b, done := make(chan int), make(chan int), make(chan bool)
	go func() {
		for v := range a {
			b <- v
		}
		done <- true
	}()
	go func() {
		start := time.Now()
		for i := 0; i < n; i++ {
			a <- i
			<-b
		}
		per("roundtrip", start, n, "ns/roundtrip")
		close(a)
	}()
	<-done
}

func ring(n, hops int) {
	first, done := make(chan int), make(chan bool)
	link := func(source, out chan int) {
		for v := range source {
			if v == 0 {
				done <- true
				return
			}
			out <- v - 1
		}
	}
	source := first
	for i := 0; i < n; i++ {
		out := first
		if i < n-1 {
			out = make(chan int)
		}
		go link(source, out)
		source = out
	}
	start := time.Now()
	first <- hops
	<-done
	per("hop", start, hops, "ns/hop")
}

package main

import (
	"sync"
	"time"
)

func through(producers, consumers, capacity, n int) {
	c := make(chan int, capacity)
	var sending, receiving sync.WaitGroup
	sending.Add(producers)
	receiving.Add(consumers)
	start := time.Now()
	for i := 0; i < producers; i++ {
		go func() {
			for j := 0; j < n/producers; j++ {
				c <- j
			}
			sending.Done()
		}()
	}
	for i := 0; i < consumers; i++ {
		go func() {
			sum := 0
			for v := range c {
				sum += v
			}
			receiving.Done()
		}()
	}
	sending.Wait()
	close(c)
	receiving.Wait()
	per("send+recv", start, n, "ns/elem")
}

func sameGoroutine() {
	const n = 10000000
	c := make(chan int, 128)
	start := time.Now()
	for i := 0; i < n; i++ {
		c <- i
		<-c
	}
	per("send+recv", start, n, "ns/pair")
}

func eight(capacity int) (all [8]chan int) {
	for i := range all {
		all[i] = make(chan int, capacity)
	}
	return
}

func selectReady2() {
	const n = 3000000
	c := eight(1)
	c[0] <- 1
	c[1] <- 1
	start := time.Now()
	for i := 0; i < n; i++ {
		select {
		case <-c[0]:
			c[0] <- 1
		case <-c[1]:
			c[1] <- 1
		}
	}
	per("select+resend", start, n, "ns/op")
}

func selectReady8() {
	const n = 2000000
	c := eight(1)
	for _, ch := range c {
		ch <- 1
	}
	start := time.Now()
	for i := 0; i < n; i++ {
		select {
		case <-c[0]:
			c[0] <- 1
		case <-c[1]:
			c[1] <- 1
		case <-c[2]:
			c[2] <- 1
		case <-c[3]:
			c[3] <- 1
		case <-c[4]:
			c[4] <- 1
		case <-c[5]:
			c[5] <- 1
		case <-c[6]:
			c[6] <- 1
		case <-c[7]:
			c[7] <- 1
		}
	}
	per("select+resend", start, n, "ns/op")
}

func selectDefault2() {
	const n = 5000000
	c := eight(0)
	x := 0
	start := time.Now()
	for i := 0; i < n; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		default:
			x++
		}
	}
	per("select-default", start, x, "ns/op")
}

func selectDefault8() {
	const n = 3000000
	c := eight(0)
	x := 0
	start := time.Now()
	for i := 0; i < n; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		case <-c[4]:
		case <-c[5]:
		case <-c[6]:
		case <-c[7]:
		default:
			x++
		}
	}
	per("select-default", start, x, "ns/op")
}

func feed(c []chan int, n int, done chan bool) {
	for i := 0; i < n; i++ {
		c[i%len(c)] <- i
	}
	close(done)
}

func selectBlocked2() {
	const n = 1000000
	c, done := eight(0), make(chan bool)
	go feed(c[:2], n, done)
	start := time.Now()
	for i := 0; i < n; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		}
	}
	<-done
	per("blocked-select", start, n, "ns/op")
}

func selectBlocked8() {
	const n = 500000
	c, done := eight(0), make(chan bool)
	go feed(c[:], n, done)
	start := time.Now()
	for i := 0; i < n; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		case <-c[4]:
		case <-c[5]:
		case <-c[6]:
		case <-c[7]:
		}
	}
	<-done
	per("blocked-select", start, n, "ns/op")
}

// The hog server on net/http: the twin of ours.ts.
package main

import (
	"fmt"
	"net"
	"net/http"
	"time"
)

func compute(rounds int) int32 {
	x := int32(1)
	for i := 0; i < rounds; i++ {
		x = x*31 + int32(i)
	}
	return x
}

// calibrate returns the rounds that take 200 ms on an idle core: the fastest of several tries.
func calibrate() int {
	const rounds = 20000000
	best := time.Hour
	for i := 0; i < 7; i++ {
		start := time.Now()
		compute(rounds)
		if took := time.Since(start); took < best {
			best = took
		}
	}
	return int(float64(rounds) * 200e6 / float64(best.Nanoseconds()))
}

func main() {
	rounds := calibrate()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/heavy" {
			fmt.Fprint(w, compute(rounds))
		} else {
			fmt.Fprint(w, "light")
		}
	})))
}

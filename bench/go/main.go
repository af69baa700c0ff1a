// The Go twins of bench/cases: the same work, the same sizes, the same output. One process runs one case:
//
//	name <TAB> GOMAXPROCS <TAB> metric <TAB> value <TAB> unit
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"time"
)

var current, suffix string

func sample(metric string, value float64, unit string) {
	fmt.Printf("%s\t%d\t%s%s\t%.4g\t%s\n", current, runtime.GOMAXPROCS(0), metric, suffix, value, unit)
}

func per(metric string, start time.Time, n int, unit string) {
	sample(metric, float64(time.Since(start).Nanoseconds())/float64(n), unit)
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func millis(metric string, start time.Time) { sample(metric, ms(time.Since(start)), "ms") }

// percentile sorts the values and returns the one below which the share p lies.
func percentile(values []time.Duration, p float64) float64 {
	sort.Slice(values, func(i, j int) bool { return values[i] < values[j] })
	i := int(float64(len(values)) * p)
	if i >= len(values) {
		i = len(values) - 1
	}
	return ms(values[i])
}

var cases = map[string]func(){
	"spawn_batch":               spawnBatch,
	"spawn_join":                spawnJoin,
	"wg_fanout_1000":            fanOut,
	"gosched_2":                 func() { yields(2, 5000000) },
	"gosched_100":               func() { yields(100, 5000000) },
	"gosched_10000":             func() { yields(10000, 5000000) },
	"pingpong":                  func() { pingPong(1000000) },
	"ring_1000":                 func() { ring(1000, 2000000) },
	"buffered128_1p1c":          func() { through(1, 1, 128, 5000000) },
	"buffered128_4p4c":          func() { through(4, 4, 128, 4000000) },
	"unbuffered_1p1c":           func() { through(1, 1, 0, 2000000) },
	"buffered128_samegoroutine": sameGoroutine,
	"select2_ready":             selectReady2,
	"select8_ready":             selectReady8,
	"select2_default":           selectDefault2,
	"select8_default":           selectDefault8,
	"select2_blocked":           selectBlocked2,
	"select8_blocked":           selectBlocked8,
	"mutex_uncontended":         mutexUncontended,
	"mutex_contended_8g":        func() { mutexContended(8, false, 5000000) },
	"mutex_contended_8g_yield":  func() { mutexContended(8, true, 1000000) },
	"sleep_1e5":                 sleepers,
	"timer_start_stop":          timerStartStop,
	"ctx_cancel":                cancelChildren,
	"ctx_make":                  makeAndCancel,
	"preempt_idle":              func() { preemption(false, time.Second) },
	"preempt_spin":              func() { preemption(true, 1500*time.Millisecond) },
	"parked_1e5":                func() { parked(100000) },
	"parked_1e6":                func() { parked(1000000) },
	"stack_1e6":                 deepStack,
	"stack_100_parked":          func() { parkedDeep(10000) },
	"sieve_2000":                sieve,
	"skynet_1e6":                skynet,
	"pingpong_threads":          pingPongThreads,
	"pingpong_workers":          pingPongThreads,
	"pingpong_threads_core":     pingPongThreads,
	"pingpong_workers_core":     pingPongThreads,
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "list" {
		for name := range cases {
			fmt.Println(name)
		}
		return
	}
	if len(os.Args) >= 2 {
		current = os.Args[1]
		if f := cases[current]; f != nil {
			f()
			if len(os.Args) == 3 && os.Args[2] == "steady" {
				suffix = ", steady"
				f()
			}
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: bench list | CASE [steady]")
	os.Exit(2)
}

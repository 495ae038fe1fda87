package agent

import (
	"errors"
	"net"
	"os"
	"os/signal"
	"runtime"
	"sync"
)

// Starting a thread fails when a fork bomb has used up the sandbox's process limit, and the Go runtime
// dies of that. So the threads are made before there can be one, and the calls that occupy one are counted. The reserve
// is for calls that take no time, but may be interrupted by other processes on a busy machine.
const (
	blockingCalls   = 3
	lengthyCalls    = blockingCalls - 1
	spillingCalls   = 2
	memoryCalls     = 1
	reservedThreads = blockingCalls + spillingCalls + memoryCalls + 11
)

var (
	gate    = make(chan struct{}, blockingCalls)
	lengths = make(chan struct{}, lengthyCalls)
	spills  = make(chan struct{}, spillingCalls)
)

// blocking runs a call that may keep a thread in the kernel.
func blocking[T any](work func() (T, error)) (T, error) {
	gate <- struct{}{}
	defer func() { <-gate }()
	return work()
}

// lengthy is blocking for what may take long: it leaves room for short calls.
func lengthy[T any](work func() (T, error)) (T, error) {
	lengths <- struct{}{}
	defer func() { <-lengths }()
	return blocking(work)
}

// spilling is for the files of output rings, which must not wait for the calls of the host.
func spilling(work func() (int, error)) error {
	spills <- struct{}{}
	defer func() { <-spills }()
	_, err := work()
	return err
}

// reserveThreads makes the threads that the agent will ever need, once; the runtime keeps idle ones. They are a quarter of
// what a sandbox takes in which nothing runs, so one that was claimed has them from its first program on: they are there
// before it has done much.
var reserveThreads = sync.OnceFunc(func() {
	var all, done sync.WaitGroup
	all.Add(reservedThreads)
	done.Add(reservedThreads)
	for range reservedThreads {
		go func() {
			runtime.LockOSThread()
			all.Done()
			all.Wait()
			runtime.UnlockOSThread()
			done.Done()
		}()
	}
	done.Wait()
})

// shield keeps a fault in a background goroutine from ending process 1.
func shield() {
	_ = recover()
}

// watchSignals takes every signal that can be caught: none may end process 1, and those that were
// handled, not ignored, have their usual meaning again in the programs that it starts.
func watchSignals() <-chan os.Signal {
	arrived := make(chan os.Signal, 64)
	signal.Notify(arrived)
	return arrived
}

func isClosed(err error) bool {
	return errors.Is(err, net.ErrClosed)
}

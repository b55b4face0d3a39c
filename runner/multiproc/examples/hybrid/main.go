// Hybrid starts ten processes with a goroutine inside each.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

var run = multiproc.Func("run", func(_ context.Context, name string) (struct{}, error) {
	time.Sleep(2 * time.Second)
	var inside sync.WaitGroup
	inside.Go(func() { fmt.Println("name:", name) })
	inside.Wait() // as everywhere in Go: a function that returns does not wait by itself
	return struct{}{}, nil
})

func main() {
	multiproc.Main()

	for i := range 10 {
		if _, err := run.Start(fmt.Sprintf("bob%d", i), multiproc.Options{}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("parent process", os.Getppid())

	// Python joins what is left when the main program ends. In Go, children
	// end with their parent, unless it waits for them.
	if err := multiproc.JoinChildren(context.Background()); err != nil {
		log.Fatal(err)
	}
}

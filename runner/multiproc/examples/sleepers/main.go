// Sleepers starts ten processes that sleep two seconds each. Together they take
// little more than two.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

var run = multiproc.Func("run", func(_ context.Context, name string) (struct{}, error) {
	time.Sleep(2 * time.Second)
	fmt.Println("hello", name)
	return struct{}{}, nil
})

func main() {
	multiproc.Main() // a child runs its function and never returns from here

	began := time.Now()
	var processes []*multiproc.Process[struct{}]
	for i := range 10 {
		p, err := run.Start(fmt.Sprintf("bob%d", i), multiproc.Options{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(p.Name(), p.PID())
		processes = append(processes, p)
	}
	for _, p := range processes {
		if _, err := p.Join(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println("parent process", os.Getppid())
	fmt.Println("total time", time.Since(began).Round(time.Millisecond))
}

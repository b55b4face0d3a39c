// Family shows who is whose parent.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func info(title string) {
	fmt.Println(title)
	fmt.Println("process name:", multiproc.CurrentProcess().Name())
	fmt.Println("parent process:", os.Getppid())
	fmt.Println("process id:", os.Getpid())
	fmt.Println()
}

var f = multiproc.Func("f", func(_ context.Context, name string) (struct{}, error) {
	info("function f")
	fmt.Println("hello", name)
	return struct{}{}, nil
})

func main() {
	multiproc.Main()

	info("main process line")
	p, err := f.Start("bob", multiproc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := p.Join(context.Background()); err != nil {
		log.Fatal(err)
	}
}

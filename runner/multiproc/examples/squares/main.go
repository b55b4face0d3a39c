// Squares maps a function over a slice in a pool of processes: the program of the
// README.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

var square = multiproc.Func("square", func(_ context.Context, n int) (int, error) { return n * n, nil })

func main() {
	multiproc.Main() // a child runs its function and never returns from here

	ctx := context.Background()
	pool, err := multiproc.NewPool(ctx, multiproc.PoolOptions{Workers: 4})
	if err != nil {
		log.Fatal(err)
	}
	squares, err := multiproc.Map(ctx, pool, square, []int{1, 2, 3, 4, 5}, multiproc.MapOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(squares)
	pool.Close()
	if err := pool.Join(ctx); err != nil {
		log.Fatal(err)
	}
}

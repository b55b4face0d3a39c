// Package multiproc runs functions in processes of their own.
//
// Go cannot fork, so a child is always the same program, executed again. What
// a child can run is a function registered by name when the program starts:
//
//	var square = multiproc.Func("square", func(ctx context.Context, n int) (int, error) { return n * n, nil })
//
//	func main() {
//		multiproc.Main() // a child runs its function and never returns from here
//		p, err := square.Start(7, multiproc.Options{})
//		...
//		n, err := p.Join(ctx) // 49
//	}
//
// [Main] is the guard: it comes first in main, or in TestMain. A Start in a
// program that has not passed it is an error, never a fork bomb.
//
// A parent reaps each child the moment it ends, joined or not. A child ends
// within a moment of its parent's death, whatever the cause.
package multiproc

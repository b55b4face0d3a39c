// Package managers is Python's multiprocessing.Manager for Go: a server process
// holds objects, and any process that has the key works on them through
// proxies, on this machine or from another one.
//
//	func main() {
//		multiproc.Main() // the server is a child, and never returns from here
//		if err := count(context.Background()); err != nil {
//			log.Fatal(err)
//		}
//	}
//
//	func count(ctx context.Context) (err error) {
//		m, err := managers.Start(ctx, managers.Options{})
//		if err != nil {
//			return err
//		}
//		defer func() { err = errors.Join(err, m.Shutdown(ctx)) }()
//		counts, err := managers.NewDict[string, int](ctx, m)
//		if err != nil {
//			return err
//		}
//		n, err := managers.Add(ctx, counts, "apples", 3)
//		if err != nil {
//			return err
//		}
//		fmt.Println(n, "apples")
//		return nil
//	}
//
// [Start] starts a server as a child process, which takes [multiproc.Main] first
// thing in main, as every child does. [NewServer] runs one in this
// process, at a [connection.Listener] that others reach with [Connect].
//
// # Proxies
//
// A proxy is an address and a number. It travels in arguments, over pipes and
// through queues, and in other objects of a manager, and works in every process
// that reaches the address and has the key, which all processes of one tree do.
// The key does not travel with it. A process whose key or TLS differs from what
// the tree has connects with [Connect] first; its proxies then use that
// connection.
//
// An object lives until Delete, or until its server ends. Proxies are not
// counted: counting them over several machines takes messages for each copy and
// goes wrong with each process that dies in between, so that it would be neither
// cheap nor safe. Python counts, and loses objects whose proxy is still on its
// way.
//
// With the server, all is gone: operations that wait end with
// [ErrDisconnected], and so does every later one. Nothing is connected anew,
// since what a proxy stands for would not be there.
//
// # Who holds what
//
// To the server, a client is a connection. Locks, permits and tasks are held by
// it, which is to say by a process: within one, any goroutine may release what
// another has acquired. When a connection ends, by Close or with its process,
// what it held is free, and the next one that asks is told by
// [multiproc.ErrOwnerDied]. A machine that vanishes from the network is noticed
// by TCP's keep-alive, after about two and a half minutes.
//
// A context that ends takes an operation back. The server has the last word, so
// that nothing that was got is lost; a server that does not say it within ten
// seconds is taken for gone.
//
// # Several operations as one
//
// Each method is one operation, and no other comes in between. Where the new
// value depends on the old one, use the methods that take a function: they run
// it here, on what is there, and store its result only if nothing has changed
// meanwhile; otherwise they begin again. So it may run several times, and should
// do nothing else. No code travels, ever: a server runs only what was registered
// with [Type] and [Method].
package managers

// Package multiproc is Python's multiprocessing for Go: it runs functions in
// processes of their own, and gives those processes what they need to work
// together.
//
// Go cannot fork, so a child is always the same program, executed again. What
// a child can run is a function registered by name when the program starts:
//
//	var square = multiproc.Func("square", func(ctx context.Context, n int) (int, error) { return n * n, nil })
//
//	func main() {
//		multiproc.Main() // a child runs its function and never returns from here
//		ctx := context.Background()
//		pool, err := multiproc.NewPool(ctx, multiproc.PoolOptions{Workers: 4})
//		if err != nil {
//			log.Fatal(err)
//		}
//		squares, err := multiproc.Map(ctx, pool, square, []int{1, 2, 3}, multiproc.MapOptions{})
//		pool.Close()
//		if err := errors.Join(err, pool.Join(ctx)); err != nil {
//			log.Fatal(err)
//		}
//		fmt.Println(squares)
//	}
//
// [Main] is the guard: it comes first in main, or in TestMain. A Start in a
// program that has not passed it is an error, never a fork bomb.
//
// # From Python: the table
//
// What a program that uses Python's multiprocessing looks for, and what it finds
// here. Names without a package are of this one; those of [connection] and
// [managers] say so.
//
//	Python                            Go
//	Process(target, args).start()     Function.Start, or Function.New and Child.Start
//	Process.run                       the registered function
//	Process.join(timeout)             Process.Join with a context
//	name, pid, exitcode, daemon       Child.Name, Child.PID, Child.ExitCode, Child.Daemon
//	is_alive, sentinel, close         Child.Alive, Child.Ended, Child.Close
//	interrupt                         Child.Interrupt, which ends the context of the function
//	terminate, kill                   Child.Terminate, Child.Kill
//	current_process, parent_process   CurrentProcess, ParentProcess
//	active_children                   ActiveChildren
//	what Python does at exit          JoinChildren
//	cpu_count                         runtime.NumCPU; runtime.GOMAXPROCS(0) for those usable
//	get_context, set_start_method     none: there is one way to start, "spawn", because Go cannot fork
//	get_start_method                  none: it would always say "spawn"
//	get_all_start_methods             none: it would list no other
//	freeze_support, __main__ guard    Main
//	authkey                           AuthKey, handed down to children
//	TimeoutError                      context.DeadlineExceeded
//	ProcessError                      Error, ExitError
//	AuthenticationError               connection.ErrAuth
//	BufferTooShort                    io.ErrShortBuffer from Connection.RecvInto
//
//	Pipe(duplex=True)                 Pipe for values, BytePipe for bytes
//	Pipe(duplex=False)                OneWayPipe
//	Connection.send, recv             Sender.Send, Receiver.Recv; a Conn has both
//	send_bytes, recv_bytes            Connection.Send, Connection.Recv
//	recv_bytes_into                   Connection.RecvInto
//	poll(timeout)                     Connection.Ready in a select
//	Connection.close                  Connection.Close; Sender.Close, Receiver.Close, Conn.Close
//	connection.wait                   Wait; or Connection.Ready and Child.Ended in a select
//	fileno                            none: descriptors belong to Go's poller
//	passing connections to a child    in the argument of Function.Start
//	reduction.send_handle             File in the argument; Connection.SendFile to one that runs
//	recv_handle                       Connection.RecvFile, of a SocketPair
//	connection.Listener               connection.Listen
//	connection.Client                 connection.Dial
//	answer_challenge, deliver_...     none: connection.Listen and Dial do both sides of the proof
//
//	Queue, JoinableQueue, SimpleQueue NewQueue, NewJoinableQueue, NewSimpleQueue
//	put, get                          Queue.Put and Queue.Get, with a context for the timeout
//	put_nowait, get_nowait            Queue.TryPut, Queue.TryGet
//	queue.Full, queue.Empty           ErrFull, ErrEmpty
//	qsize, empty, full                Queue.Len, Queue.Empty, Queue.Full
//	close                             Queue.Close; Queue.Shut lets what is in it be got
//	join_thread, cancel_join_thread   none: Put returns when the value is in the queue, there is no feeder thread
//	task_done, join                   JoinableQueue.TaskDone, JoinableQueue.Join
//
//	Lock, RLock                       NewLock, NewRLock (what is held travels in the context)
//	Semaphore, BoundedSemaphore       NewSemaphore, NewBoundedSemaphore
//	Condition, Event, Barrier         NewCondition, NewEvent, NewBarrier
//	Condition.wait, wait_for          Condition.Wait, Condition.WaitFor
//	notify(n), notify_all             Condition.Notify, Condition.NotifyAll
//	Barrier(action), wait             Barrier.WaitDo with an action, Barrier.Wait without one
//	abort, reset                      Barrier.Abort, Barrier.Reset
//	with lock:                        Lock.Acquire, and defer of Lock.Release
//
//	Value, Array                      NewValue, NewArray
//	get_lock                          Value.Lock, Array.Lock
//	RawValue, RawArray                Value.Raw, Array.Slice
//	sharedctypes.copy                 Value.Load, or copy of Array.Slice
//	SharedMemory(create=True)         NewSharedMemory without a name, CreateSharedMemory with one
//	SharedMemory(name)                OpenSharedMemory
//	SharedMemory.close, unlink        SharedMemory.Close, SharedMemory.Unlink
//	ShareableList                     NewShareableList
//	SharedMemoryManager               SharedMemoryManager, SharedMemoryManager.Close
//	resource_tracker                  built in: named memory goes with the process that made it
//
//	Manager(), SyncManager.start      managers.Start
//	BaseManager.get_server            managers.NewServer and managers.Server.Serve
//	BaseManager.connect               managers.Connect
//	BaseManager.shutdown              managers.Manager.Shutdown
//	register                          managers.Type for a type, managers.Method for each method
//	dict, list, set, Namespace        managers.NewDict, NewList, NewSet, NewNamespace
//	Queue, JoinableQueue              managers.NewQueue, NewJoinableQueue
//	Value, Array                      managers.NewValue, NewArray
//	Lock, RLock, Semaphore, ...       managers.NewLock, NewRLock, NewSemaphore, ...
//	proxies                           the values that those return: they travel in messages
//	BaseProxy._callmethod             managers.MethodOf.Call
//	managers.Pool                     none: a Pool starts its workers where it is
//
//	Pool(processes, initializer, ...) NewPool with PoolOptions
//	initializer, initargs             InitializerFunc, with a state for the tasks of a worker; Initializer.With takes
//	                                  a Value, Array, SharedMemory or File
//	apply, apply_async                Apply, ApplyAsync
//	map, map_async, chunksize         Map, MapAsync, MapOptions
//	starmap, starmap_async            Map with a struct of arguments
//	imap, imap_unordered              Imap, ImapUnordered, as iterators
//	AsyncResult, callbacks            Future, Future.Then
//	maxtasksperchild                  PoolOptions.MaxTasksPerChild
//	close, terminate, join            Pool.Close, Pool.Terminate, Pool.Join
//	ThreadPool, multiprocessing.dummy none: goroutines
//	log_to_stderr, get_logger         none: Options.Stderr takes what a child writes, also with log/slog
//	set_executable, spawn.set_...     none: a child is the program that runs
//	set_forkserver_preload            NewSpares: processes that are started in advance
//
// # From Python: three programs
//
// The first thing that a Python programmer starts is ten processes that sleep:
//
//	def run(name):
//	    time.sleep(2)
//	    print('hello', name)
//
//	if __name__ == '__main__':
//	    processes = []
//	    for i in range(10):
//	        p = multiprocessing.Process(target=run, args=('bob%s' % i,))
//	        p.start()
//	        processes.append(p)
//	    for p in processes:
//	        p.join()
//
// In Go, what a child can run is registered, under a name and with the types of
// its argument and its result; it returns an error where Python raises; and
// [Main] stands where Python has its guard:
//
//	var run = multiproc.Func("run", func(_ context.Context, name string) (struct{}, error) {
//		time.Sleep(2 * time.Second)
//		fmt.Println("hello", name)
//		return struct{}{}, nil
//	})
//
//	func main() {
//		multiproc.Main()
//		var processes []*multiproc.Process[struct{}]
//		for i := range 10 {
//			p, err := run.Start(fmt.Sprintf("bob%d", i), multiproc.Options{})
//			if err != nil {
//				log.Fatal(err)
//			}
//			processes = append(processes, p)
//		}
//		for _, p := range processes {
//			if _, err := p.Join(context.Background()); err != nil {
//				log.Fatal(err)
//			}
//		}
//	}
//
// Together they take little more than two seconds, as in Python. Join gives the
// function's result as well, for which Python needs a queue. A child is reaped
// when it ends, so that nobody has to join it to be rid of a zombie. A process
// has no id before it starts, there as here: [Child.PID] is 0.
//
// The second program has a thread in each process. Here that is a goroutine, and
// one that is waited for, since nobody waits for goroutines at the end of a
// function:
//
//	var run = multiproc.Func("run", func(_ context.Context, name string) (struct{}, error) {
//		time.Sleep(2 * time.Second)
//		var inside sync.WaitGroup
//		inside.Go(func() { fmt.Println("name:", name) })
//		inside.Wait()
//		return struct{}{}, nil
//	})
//
// It does not join its processes. Python does that at the end of the program,
// unless they are daemons; in Go children end with their parent, and a program
// that is to wait for them says so, by [JoinChildren].
//
// The third program prints who is whose parent: os.Getppid of the child is
// os.Getpid of the parent. [CurrentProcess] and [ParentProcess] tell names as
// well. Python's child finds itself in a module with another name, __mp_main__;
// in Go it is main that runs again, and never comes back from [Main].
//
// The rest of the article is advice: processes rather than threads for work that
// computes, because of the GIL. Go has none, and goroutines use all CPUs.
// Processes are for what goroutines cannot give: memory that nobody else can
// spoil, a crash that takes no other work along, a garbage collector each, C
// code that is not safe for threads. Share little: hand values over, by results,
// pipes and queues, and lock only what has to be in one place.
//
// All three are complete programs in the folder examples.
//
// # What travels, and what does not
//
// A child gets the program's name and no other argument: what it is to know comes
// in the argument of its function, or in [Options].Env.
//
// An error of a function arrives as an [*Error], which keeps its text alone:
// errors.Is and errors.As do not see through to what the child returned. What the
// caller has to tell apart belongs in the result.
//
// A panic of the function is an [*Error] with its stack. A panic in a goroutine
// that the function has started cannot be caught: it ends the process, which is an
// [*ExitError], and the stack is on the child's standard error only.
//
// What a child has written to a writer of [Options] arrives whole before
// [Process.Join] returns, however slow the writer. Descendants that live on and
// hold the pipe have ten seconds after the child's end; what they write later is
// lost.
//
// Waiting costs no processor. Where processes share a ring of memory, a side that
// waits looks for at most 100 microseconds before it sleeps, and only where that
// has been worth it of late.
//
// # What it charges
//
// On 2 virtual CPUs of an AMD EPYC (Linux, Go 1.26.8, 28 November 2026, medians of
// 11 rounds of make limits, which prints them and more beside their peers): a
// no-op task of [Map] 64 ns in chunks of one and 27 ns in those of the default,
// where Python's takes 29 and 0.21 µs, and a goroutine that takes tasks off a
// channel 146 ns; [Apply] 0.89 µs in a row and 78 µs after a pause, where two C
// programs take 0.17 µs spinning and 87 µs by futex; a round trip of 8 bytes
// through a [Pipe] 0.43 µs, where C takes 49 µs through pipes of the system; a MiB
// one way, used where it lies, 26 µs through a Pipe and 43 µs through a [Queue], where
// to copy it takes 25 µs and Python's Pipe 0.27 ms; a [Lock] that nobody else wants
// 8 ns, where a sync.Mutex takes 4; to start and join a child 2.0 ms, and 1.0 ms from
// a spare, where an empty Go program takes 1.3 ms. A thousand idle workers take no
// time on a processor, and 55 MiB of the parent's memory.
//
// # Systems
//
// Everything here is there on Linux, the other Unixes and Windows, with these
// differences. On Windows there is no [SocketPair] ([Connection.SendFile] goes
// with it), [SharedMemory.Unlink] does nothing, because memory goes with the last
// who has it open, and [Child.Terminate] is [Child.Kill]. Pinning to CPUs, by
// [Options].CPUs or [PoolOptions].PinCPUs, is for Linux alone, and an error
// elsewhere.
//
// # Who owns whom
//
// A parent owns its children. It reaps each one the moment it ends, joined or
// not, and fails exactly the work that the dead child had in hand. A child owns
// nothing of its parent: when the parent dies, of whatever cause, all of its
// descendants end within a moment.
//
// So do the programs that they run. On Unix, a child whose parent is no child
// itself leads a process group, and its descendants are in that. The group is
// killed when the child ends, however it does, and when the parent dies. On
// Windows each child has a job object, for the same. A program that is to outlive
// the child that ran it leaves the group, by Setsid; Windows has no way. What a
// child of a child ran ends with the one that leads the group, if not before;
// on Solaris and AIX there are no such groups.
//
// The keys of the terminal, Ctrl-C and Ctrl-Z, therefore reach the parent alone,
// which decides what they mean for its children. What a child reads from the
// terminal is an error. On Windows, Ctrl-C reaches the children as well, and
// they ignore it.
//
// Locks, conditions, queues and their like live in the process that made them,
// and are reached from its descendants over the two pipes that each child has
// to its parent. On Linux much goes through memory that a process shares with its
// children instead: what a child that has asked a few times asks, and is told, goes
// through rings there, and its pipes only wake who sleeps; a [Lock] that nobody else
// wants is acquired and released there; and values of a [Queue] of 8 KiB and more lie
// there, up to 64 MiB of them at a time. All of them travel in arguments, over pipes
// and through queues. A process that dies holding one of them is noticed at once: the
// next one that asks gets [ErrOwnerDied], and nobody hangs. A [Connection], a [File]
// and an anonymous [SharedMemory] are open files: they travel in the argument that a
// child is started with. What is shared of these, all but a Connection, may also
// be in the argument of a pool's initializer: each worker gets it, also one that
// replaces another.
//
// An argument or result of a task of a [Pool], or a value of a [Pipe] or a [Queue],
// of 8 KiB and more whose size is known before it is encoded, such as a slice of
// numbers, is written once: where the other side reads it, if both share memory, and
// if it is not over 32 MiB, or 64 MiB in a queue. [ViewFunc], [MapFunc], [ApplyFunc],
// [Receiver.RecvFunc] and [Queue.GetFunc] use it there; everything else makes a copy.
//
// An operation whose context ends is taken back where the object is, and waits
// for word of that, so that nothing is lost on the way. While the process that
// has the object, or one in between, is stopped, no context ends it.
//
// [connection]: https://pkg.go.dev/github.com/gvp-bench/gvp/runner/multiproc/connection
// [managers]: https://pkg.go.dev/github.com/gvp-bench/gvp/runner/multiproc/managers
package multiproc

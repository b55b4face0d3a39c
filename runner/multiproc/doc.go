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
//		pool, err := multiproc.NewPool(ctx, multiproc.PoolOptions{Workers: 4})
//		...
//		squares, err := multiproc.Map(ctx, pool, square, []int{1, 2, 3}, multiproc.MapOptions{})
//	}
//
// [Main] is the guard: it comes first in main, or in TestMain. A Start in a
// program that has not passed it is an error, never a fork bomb.
//
// # Who owns whom
//
// A parent owns its children. It reaps each one the moment it ends, joined or
// not, and fails exactly the work that the dead child had in hand. A child owns
// nothing of its parent: when the parent dies, of whatever cause, all of its
// descendants end within a moment.
//
// Locks, conditions, queues and their like live in the process that made them,
// and are reached from its descendants over the two pipes that each child has
// to its parent. They travel in arguments, over pipes and through queues. A
// process that dies holding one of them is noticed at once: the next one that
// asks gets [ErrOwnerDied], and nobody hangs. A [Connection], a [File] and an
// anonymous [SharedMemory] are open files: they travel in the argument that a
// child is started with.
//
// # From Python
//
// The table names what a program that uses Python's multiprocessing looks for.
// What is not there yet is marked so.
//
//	Python                            Go
//	Process(target, args).start()     [Function.Start], or [Function.New] and [Child.Start]
//	Process.run                       the registered function
//	Process.join(timeout)             [Process.Join] with a context
//	name, pid, exitcode, daemon       [Child.Name], [Child.PID], [Child.ExitCode], [Child.Daemon]
//	is_alive, sentinel, close         [Child.Alive], [Child.Ended], [Child.Close]
//	interrupt, terminate, kill        [Child.Interrupt] (ends the context of the function), [Child.Terminate], [Child.Kill]
//	current_process, parent_process   [CurrentProcess], [ParentProcess]
//	active_children                   [ActiveChildren]; [JoinChildren] for what Python does at exit
//	cpu_count                         runtime.NumCPU; runtime.GOMAXPROCS(0) for those usable
//	get_context, set_start_method     none: there is one way to start, "spawn", because Go cannot fork
//	freeze_support, __main__ guard    [Main]
//	authkey                           [AuthKey], handed down to children
//	TimeoutError                      context.DeadlineExceeded
//	ProcessError, AuthenticationError [Error] and [ExitError]
//	BufferTooShort                    io.ErrShortBuffer from [Connection.RecvInto]
//
//	Pipe(duplex=True)                 [Pipe] for values, [BytePipe] for bytes
//	Pipe(duplex=False)                [OneWayPipe]
//	Connection.send, recv             [Conn] and its Send and Recv
//	send_bytes, recv_bytes            [Connection.Send], [Connection.Recv]
//	recv_bytes_into                   [Connection.RecvInto]
//	poll(timeout), connection.wait    [Connection.Ready] and [Child.Ended] in a select
//	fileno                            none: descriptors belong to Go's poller
//	passing connections to a child    in the argument of Start
//	reduction.send_handle             [File] in the argument; not yet: to a child that runs
//	Listener, Client                  not yet
//
//	Queue, JoinableQueue, SimpleQueue [NewQueue], [NewJoinableQueue], [NewSimpleQueue]
//	put, get (block, timeout), nowait Put and Get with a context, TryPut and TryGet
//	queue.Full, queue.Empty           [ErrFull], [ErrEmpty]
//	join_thread, cancel_join_thread   none: Put returns when the item is in the queue, there is no feeder thread
//	task_done, join                   TaskDone, Join
//
//	Lock, RLock                       [NewLock], [NewRLock] (what is held travels in the context)
//	Semaphore, BoundedSemaphore       [NewSemaphore], [NewBoundedSemaphore]
//	Condition, Event, Barrier         [NewCondition], [NewEvent], [NewBarrier]
//	with lock:                        Acquire, and defer of Release
//
//	Value, Array                      [NewValue], [NewArray]
//	RawValue, RawArray                [Value.Raw], [Array.Slice]
//	SharedMemory(create=True)         [NewSharedMemory] without a name, [CreateSharedMemory] with one
//	SharedMemory(name)                [OpenSharedMemory]
//	ShareableList                     [NewShareableList]
//	SharedMemoryManager               [SharedMemoryManager]
//	resource_tracker                  built in: named memory goes with the process that made it
//	Manager, BaseManager, proxies     not yet
//
//	Pool(processes, initializer, ...) [NewPool] with [PoolOptions]
//	initializer, initargs             [InitializerFunc], with a state for the tasks of a worker
//	apply, apply_async                [Apply], [ApplyAsync]
//	map, map_async, chunksize         [Map], [MapAsync], [MapOptions]
//	starmap, starmap_async            [Map] with a struct of arguments
//	imap, imap_unordered              [Imap], [ImapUnordered], as iterators
//	AsyncResult, callbacks            [Future]
//	maxtasksperchild                  PoolOptions.MaxTasksPerChild
//	close, terminate, join            [Pool.Close], [Pool.Terminate], [Pool.Join]
//	ThreadPool, multiprocessing.dummy none: goroutines
//	log_to_stderr, get_logger         none: [Options].Stderr takes what a child writes, also with log/slog
//	set_executable, spawn.set_...     none: a child is the program that runs
//	set_forkserver_preload            none: there is no fork server
//
// [Python's]: https://docs.python.org/3/library/multiprocessing.html
package multiproc

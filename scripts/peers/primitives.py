"""What Python's multiprocessing charges for what bench/primitive_*_test.go measures, as
lines of Go's benchmark format whose /by begins with python, by which the report
knows them (results/side.go). The argument is how often each is measured (default 6)."""
import multiprocessing
import sys
import time

SIZES = (("8B", 8), ("64B", 64), ("1KiB", 1 << 10), ("16KiB", 16 << 10), ("256KiB", 256 << 10), ("1MiB", 1 << 20), ("16MiB", 16 << 20))

context = multiprocessing.get_context("fork")


def tell(name, times, seconds, size=None, by="python"):
    line = f"Benchmark{name}/by={by} {times} {seconds / times * 1e9:.6g} ns/op"
    if size:
        line += f" {size * times / seconds / 1e6:.6g} MB/s"
    print(line, flush=True)


def timed(name, step, budget=0.3, size=None, by="python"):
    """Times step, twice as often each time, until that lasts as long as the budget."""
    times = 1
    while True:
        began = time.perf_counter()
        for _ in range(times):
            step()
        seconds = time.perf_counter() - began
        if seconds >= budget:
            tell(name, times, seconds, size, by)
            return
        times *= 2


def nothing(n):
    return n


def bounce(connection, answers):
    while True:
        message = connection.recv_bytes()
        if message == b"end":
            connection.send_bytes(b"end")
            return
        if answers:
            connection.send_bytes(message)


def bounce_queue(there, back):
    while (message := there.get()) is not None:
        back.put(message)


def there_and_back(send, message, receive):
    def step():
        send(message)
        receive()

    return step


def pipes():
    for name, size in SIZES:
        here, there = context.Pipe()
        message = b"x" * size
        child = context.Process(target=bounce, args=(there, True))
        child.start()

        timed(f"RoundTrip/size={name}", there_and_back(here.send_bytes, message, here.recv_bytes), size=size, by="pythonpipe")
        here.send_bytes(b"end")
        child.join()

        here, there = context.Pipe()
        child = context.Process(target=bounce, args=(there, False))
        child.start()
        timed(f"Throughput/size={name}", lambda: here.send_bytes(message), size=size, by="pythonpipe")
        here.send_bytes(b"end")
        child.join()


def queues():
    for name, size in SIZES:
        there, back = context.SimpleQueue(), context.SimpleQueue()
        message = b"x" * size
        child = context.Process(target=bounce_queue, args=(there, back))
        child.start()

        timed(f"RoundTrip/size={name}", there_and_back(there.put, message, back.get), size=size, by="pythonqueue")
        there.put(None)
        child.join()


def contend(step, over):
    while not over.is_set():
        step()


def pair(lock):
    def step():
        lock.acquire()
        lock.release()

    return step


def locks():
    for what, lock in (("lock", context.Lock()), ("semaphore", context.Semaphore(1))):
        timed(f"Lock/what={what}/contended=no", pair(lock))
        over = context.Event()
        child = context.Process(target=contend, args=(pair(lock), over))
        child.start()
        timed(f"Lock/what={what}/contended=yes", pair(lock))
        over.set()
        child.join()


def opposite(what, first, second, times):
    for _ in range(times):
        if what == "barrier":
            first.wait()
        elif what == "event":
            first.wait()
            first.clear()
            second.set()


def turns():
    times = 3000
    for what in ("event", "barrier"):
        first = context.Event() if what == "event" else context.Barrier(2)
        second = context.Event()
        child = context.Process(target=opposite, args=(what, first, second, times))
        child.start()
        began = time.perf_counter()
        for _ in range(times):
            if what == "barrier":
                first.wait()
            else:
                first.set()
                second.wait()
                second.clear()
        tell(f"Turn/what={what}", times, time.perf_counter() - began)
        child.join()


def shared():
    value = context.Value("q", 0)

    def add():
        with value.get_lock():
            value.value += 1

    timed("Counter", add)
    with context.Manager() as manager:
        counts = manager.dict({str(i): i for i in range(1000)})
        timed("Map", lambda: counts["500"])


def pools():
    with context.Pool(2) as pool:
        pool.map(nothing, range(1000))
        for name, chunk, tasks in (("one", 1, 10000), ("some", 64, 200000), ("default", None, 500000)):
            args = range(tasks)
            began = time.perf_counter()
            pool.map(nothing, args, chunksize=chunk)
            tell(f"Dispatch/chunk={name}", tasks, time.perf_counter() - began)
        timed("Dispatch/chunk=apply", lambda: pool.apply(nothing, (1,)))


def starts():
    for method in ("fork", "forkserver", "spawn"):
        started = multiprocessing.get_context(method)

        def step():
            child = started.Process(target=nothing, args=(1,))
            child.start()
            child.join()

        step()  # a fork server is started once
        timed("StartJoin", step, by=f"python{method}")


def main():
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 6):
        for measure in (pipes, queues, locks, turns, shared, pools, starts):
            measure()


if __name__ == "__main__":
    main()

"""What Python's multiprocessing charges, as lines of a name and a number of nanoseconds."""
import multiprocessing
import time

MIB = 1 << 20


def nothing(n):
    return n


def drain(connection, messages):
    for _ in range(messages):
        connection.recv_bytes()
    connection.send_bytes(b"done")


def tell(name, began, times):
    print(name, (time.perf_counter() - began) / times * 1e9, flush=True)


def main():
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        pool.map(nothing, range(1000))
        for name, chunk, tasks in (("map-one", 1, 5000), ("map-default", None, 200000)):
            args = range(tasks)
            began = time.perf_counter()
            pool.map(nothing, args, chunksize=chunk)
            tell(name, began, tasks)
    here, there = context.Pipe()
    messages = 100
    process = context.Process(target=drain, args=(there, messages))
    process.start()
    message = b"x" * MIB
    began = time.perf_counter()
    for _ in range(messages):
        here.send_bytes(message)
    here.recv_bytes()
    tell("pipe-1MiB", began, messages)
    process.join()


if __name__ == "__main__":
    main()

/* What the system itself charges, as lines of a name and a number of nanoseconds:
 * round trips of a byte between two processes on two processors, and a copy of
 * memory. "Paused" is after a millisecond in which both sides slept. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum way { BY_PIPE, BY_FUTEX, BY_SPINNING };

/* Two words, far enough apart to lie in cache lines of their own. */
struct words {
	_Alignas(128) atomic_uint ask;
	_Alignas(128) atomic_uint answer;
};

static int to_child[2], to_parent[2];
static struct words *words;

static double nanoseconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void run_on(int processor)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	sched_setaffinity(0, sizeof set, &set);
}

static void await(atomic_uint *word, unsigned value, enum way way)
{
	unsigned now;
	while ((now = atomic_load(word)) != value)
		if (way == BY_FUTEX)
			syscall(SYS_futex, word, FUTEX_WAIT, now, NULL, NULL, 0);
}

static void set(atomic_uint *word, unsigned value, enum way way)
{
	atomic_store(word, value);
	if (way == BY_FUTEX)
		syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void must(long n)
{
	if (n != 1)
		_exit(1);
}

static void serve(enum way way, unsigned trips)
{
	char byte;
	for (unsigned i = 1; i <= trips; i++) {
		if (way == BY_PIPE) {
			must(read(to_child[0], &byte, 1));
			must(write(to_parent[1], &byte, 1));
		} else {
			await(&words->ask, i, way);
			set(&words->answer, i, way);
		}
	}
	_exit(0);
}

static void measure(const char *name, enum way way, unsigned trips, int paused)
{
	if (pipe(to_child) != 0 || pipe(to_parent) != 0)
		exit(1);
	memset(words, 0, sizeof *words);
	pid_t child = fork();
	if (child < 0)
		exit(1);
	run_on(child == 0);
	if (child == 0)
		serve(way, trips);
	double spent = 0;
	char byte = 'x';
	struct timespec pause = {0, 1000000};
	for (unsigned i = 1; i <= trips; i++) {
		if (paused)
			nanosleep(&pause, NULL);
		double began = nanoseconds();
		if (way == BY_PIPE) {
			must(write(to_child[1], &byte, 1));
			must(read(to_parent[0], &byte, 1));
		} else {
			set(&words->ask, i, way);
			await(&words->answer, i, way);
		}
		spent += nanoseconds() - began;
	}
	printf("%s %.1f\n", name, spent / trips);
	fflush(stdout);
	waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++) {
		close(to_child[i]);
		close(to_parent[i]);
	}
}

int main(void)
{
	enum { SIZE = 1 << 20, COPIES = 300 };
	words = mmap(NULL, sizeof *words, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		return 1;
	measure("pipe", BY_PIPE, 3000, 0);
	measure("futex", BY_FUTEX, 3000, 0);
	measure("futex-paused", BY_FUTEX, 150, 1);
	measure("spin", BY_SPINNING, 100000, 0);

	char *from = malloc(SIZE), *to = malloc(SIZE);
	if (from == NULL || to == NULL)
		return 1;
	memset(from, 1, SIZE);
	memset(to, 2, SIZE);
	double began = nanoseconds();
	for (int i = 0; i < COPIES; i++) {
		memcpy(to, from, SIZE);
		__asm__ volatile("" : : "r"(to) : "memory"); /* somebody might look at it */
	}
	printf("memcpy-1MiB %.1f\n", (nanoseconds() - began) / COPIES);
	return 0;
}

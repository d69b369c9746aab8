/*
 * What the kernel gives a plain loop in C: the shortest program for each kind of traffic, as the limit that Flowlane's
 * workers are compared with. Loopback, both ends in one program, each a process of its own, pinned. One second of
 * warm-up, then the window. One line of JSON.
 *
 *   kernel_loop KIND [--seconds N] [--bytes N] [--source-cpu N] [--destination-cpu N] [--address A]
 *               [--truncate] [--zerocopy] [--busy-poll] [--outstanding N] [--flows N] [--segments N]
 *               [--low-water BYTES] [--reset] [--receive-buffer BYTES]
 *
 * KIND  stream               received bits per second; --bytes a call; --truncate: MSG_TRUNC at the destination;
 *                            --zerocopy: MSG_ZEROCOPY at the source; --low-water: SO_RCVLOWAT at the destination
 *       request-response     round trips of --bytes per second, and their percentiles; --busy-poll: MSG_DONTWAIT in a
 *                            loop at both ends; --outstanding of one connection; --flows connections, one epoll an end
 *       connect              connections per second: connect, one byte there and back, close; --reset: by RST
 *       datagrams            received datagrams of --bytes per second and the lost share; --segments a call by
 *                            UDP_SEGMENT, with UDP_GRO at the destination; --receive-buffer: SO_RCVBUFFORCE there,
 *                            8 MiB unless told; 0 leaves the kernel's
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <linux/errqueue.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

#define NS 1000000000ULL
#define SUB_BUCKETS 256
#define BUCKETS (40 * SUB_BUCKETS)

struct shared {
	volatile uint64_t bytes, datagrams, elapsed_ns;
	volatile int destination_ready;
	uint16_t port;
};

static int seconds = 3, source_cpu = 0, destination_cpu = 1, truncate_rx, zerocopy, busy, outstanding = 1, flows = 1;
static int segments = 1, low_water, reset, receive_buffer = 8 << 20;
static size_t bytes = 65536;
static const char *address = "127.0.0.1";
static struct shared *shared;
static uint64_t histogram[BUCKETS], round_trips;

static void die(const char *what) {
	perror(what);
	exit(1);
}

static long ok(long result, const char *what) {
	if (result < 0)
		die(what);
	return result;
}

static uint64_t now_ns(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

static void pin(int cpu) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	ok(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

static void on(int fd, int level, int name) {
	int one = 1;
	ok(setsockopt(fd, level, name, &one, sizeof one), "setsockopt");
}

/* Log-linear, 128 steps a doubling: an error below 1 %. */
static void record(uint64_t ns) {
	int shift = ns < SUB_BUCKETS ? 0 : 56 - __builtin_clzll(ns);
	size_t index = (size_t)shift * SUB_BUCKETS + (ns >> shift);
	histogram[index < BUCKETS ? index : BUCKETS - 1]++;
	round_trips++;
}

static double percentile_us(double p) {
	uint64_t wanted = (uint64_t)(p * round_trips), seen = 0;
	for (size_t i = 0; i < BUCKETS; i++) {
		seen += histogram[i];
		if (seen > wanted)
			return (double)((i % SUB_BUCKETS) << (i / SUB_BUCKETS)) / 1e3;
	}
	return 0;
}

static struct sockaddr_in where(uint16_t port) {
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = port};
	if (inet_pton(AF_INET, address, &a.sin_addr) != 1) {
		fprintf(stderr, "kernel_loop: --address takes an IPv4 address\n");
		exit(2);
	}
	return a;
}

static int bound(int type) {
	struct sockaddr_in a = where(0);
	socklen_t length = sizeof a;
	int fd = ok(socket(AF_INET, type, 0), "socket");
	ok(bind(fd, (struct sockaddr *)&a, sizeof a), "bind");
	ok(getsockname(fd, (struct sockaddr *)&a, &length), "getsockname");
	shared->port = a.sin_port;
	if (type == SOCK_STREAM)
		ok(listen(fd, 4096), "listen");
	shared->destination_ready = 1;
	return fd;
}

static int connected(int type) {
	struct sockaddr_in a = where(shared->port);
	int fd = ok(socket(AF_INET, type, 0), "socket");
	ok(connect(fd, (struct sockaddr *)&a, sizeof a), "connect");
	if (type == SOCK_STREAM)
		on(fd, IPPROTO_TCP, TCP_NODELAY);
	return fd;
}

static char *buffer_of(size_t length) {
	char *buffer = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED)
		die("mmap");
	return buffer;
}

/* Counts what comes between one second after the first byte and --seconds later. */
struct window {
	uint64_t from_ns, to_ns, first_ns, last_ns, bytes, datagrams;
};

static int count(struct window *w, uint64_t got, uint64_t datagrams) {
	uint64_t t = now_ns();
	if (w->from_ns == 0) {
		w->from_ns = t + NS;
		w->to_ns = w->from_ns + seconds * NS;
	}
	if (t < w->from_ns)
		return 1;
	if (w->first_ns == 0) {
		w->first_ns = t;
		return 1;
	}
	w->bytes += got;
	w->datagrams += datagrams;
	w->last_ns = t;
	return t < w->to_ns;
}

static void stream_destination(void) {
	int listener = bound(SOCK_STREAM), fd = ok(accept(listener, NULL, NULL), "accept");
	char *buffer = buffer_of(bytes);
	struct window w = {0};
	int flags = truncate_rx ? MSG_TRUNC : 0;
	if (low_water)
		ok(setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water), "SO_RCVLOWAT");
	ssize_t got;
	while ((got = recv(fd, buffer, bytes, flags)) > 0 && count(&w, got, 0))
		;
	shared->bytes = w.bytes;
	shared->elapsed_ns = w.last_ns - w.first_ns;
}

static void reap(int fd) {
	char control[128];
	struct msghdr message = {.msg_control = control, .msg_controllen = sizeof control};
	while (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		message.msg_controllen = sizeof control;
}

static void stream_source(void) {
	int fd = connected(SOCK_STREAM);
	/* As Flowlane's worker: a buffer is not sent from again before the kernel has let go of it; 64 are in turn. */
	size_t turn = 0, turns = zerocopy ? 64 : 1;
	char *buffer = buffer_of(bytes * turns);
	if (zerocopy)
		on(fd, SOL_SOCKET, SO_ZEROCOPY);
	for (;;) {
		ssize_t sent = send(fd, buffer + turn * bytes, bytes, MSG_NOSIGNAL | (zerocopy ? MSG_ZEROCOPY : 0));
		if (sent < 0 && errno != ENOBUFS)
			return;
		if (++turn >= turns) {
			turn = 0;
			if (zerocopy)
				reap(fd);
		}
	}
}

static int all(int fd, char *buffer, size_t length, int sending) {
	for (size_t done = 0; done < length;) {
		ssize_t n = sending ? send(fd, buffer + done, length - done, MSG_NOSIGNAL | (busy ? MSG_DONTWAIT : 0))
				    : recv(fd, buffer + done, length - done, busy ? MSG_DONTWAIT : 0);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return 0;
		if (n > 0)
			done += n;
	}
	return 1;
}

static void echo(int fd, char *buffer, size_t room) {
	for (;;) {
		ssize_t n = recv(fd, buffer, room, busy ? MSG_DONTWAIT : 0);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0 || !all(fd, buffer, n, 1))
			return;
	}
}

static void requests_destination(void) {
	int listener = bound(SOCK_STREAM);
	size_t room = bytes * outstanding;
	char *buffer = buffer_of(room);
	if (flows == 1) {
		int fd = ok(accept(listener, NULL, NULL), "accept");
		on(fd, IPPROTO_TCP, TCP_NODELAY);
		echo(fd, buffer, room);
		return;
	}
	int epoll = ok(epoll_create1(0), "epoll_create1"), open = flows;
	struct epoll_event event = {.events = EPOLLIN}, events[256];
	for (int i = 0; i < flows; i++) {
		event.data.fd = ok(accept(listener, NULL, NULL), "accept");
		on(event.data.fd, IPPROTO_TCP, TCP_NODELAY);
		ok(epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event), "epoll_ctl");
	}
	while (open > 0) {
		int ready = epoll_wait(epoll, events, 256, busy ? 0 : -1);
		for (int i = 0; i < ready; i++) {
			ssize_t n = recv(events[i].data.fd, buffer, room, MSG_DONTWAIT);
			if (n == 0 || (n < 0 && errno != EAGAIN)) {
				close(events[i].data.fd);
				open--;
			} else if (n > 0 && !all(events[i].data.fd, buffer, n, 1)) {
				return;
			}
		}
	}
}

static void requests_result(uint64_t first_ns, uint64_t last_ns) {
	double rate = round_trips * 1e9 / (double)(last_ns - first_ns);
	printf("{\"round_trips_per_second\": %.1f, \"p50_us\": %.3f, \"p99_us\": %.3f}\n", rate, percentile_us(0.5),
	       percentile_us(0.99));
}

static void requests_source(void) {
	size_t room = bytes * outstanding;
	char *buffer = buffer_of(room);
	uint64_t *sent_ns = calloc((size_t)flows * outstanding, sizeof *sent_ns);
	size_t *oldest = calloc(flows, sizeof *oldest), *partial = calloc(flows, sizeof *partial);
	int *fds = calloc(flows, sizeof *fds), epoll = ok(epoll_create1(0), "epoll_create1");
	for (int i = 0; i < flows; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
		fds[i] = connected(SOCK_STREAM);
		ok(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event), "epoll_ctl");
	}
	uint64_t t = now_ns(), from = t + NS, to = from + seconds * NS, first = 0;
	for (int i = 0; i < flows; i++) {
		for (int j = 0; j < outstanding; j++)
			sent_ns[i * outstanding + j] = now_ns();
		if (!all(fds[i], buffer, room, 1))
			die("send");
	}
	struct epoll_event events[256];
	while (t < to) {
		int ready = 1;
		if (flows > 1)
			ready = epoll_wait(epoll, events, 256, busy ? 0 : -1);
		for (int e = 0; e < ready; e++) {
			int i = flows > 1 ? (int)events[e].data.u32 : 0;
			ssize_t n = recv(fds[i], buffer, room, busy || flows > 1 ? MSG_DONTWAIT : 0);
			if (n < 0 && errno == EAGAIN)
				continue;
			if (n <= 0)
				die("recv");
			t = now_ns();
			partial[i] += n;
			size_t answers = partial[i] / bytes;
			partial[i] %= bytes;
			uint64_t *ring = sent_ns + (size_t)i * outstanding;
			for (size_t a = 0; a < answers; a++) {
				if (t >= from && t < to) {
					if (first == 0)
						first = t;
					record(t - ring[oldest[i]]);
				}
				ring[oldest[i]] = t;
				oldest[i] = (oldest[i] + 1) % outstanding;
			}
			if (answers > 0 && !all(fds[i], buffer, answers * bytes, 1))
				die("send");
		}
	}
	requests_result(first, t);
}

static void connect_destination(void) {
	int listener = bound(SOCK_STREAM);
	char byte;
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			return;
		if (recv(fd, &byte, 1, 0) == 1)
			send(fd, &byte, 1, MSG_NOSIGNAL);
		/* The end of the other side first: so the port waits there (TIME_WAIT), as with any server. */
		recv(fd, &byte, 1, 0);
		close(fd);
	}
}

static void connect_source(void) {
	char byte = 0;
	uint64_t t = now_ns(), from = t + NS, to = from + seconds * NS, first = 0;
	while (t < to) {
		uint64_t began = now_ns();
		int fd = connected(SOCK_STREAM);
		struct linger at_once = {.l_onoff = 1, .l_linger = 0};
		if (!all(fd, &byte, 1, 1) || !all(fd, &byte, 1, 0))
			die("transaction");
		/* A reset leaves no TIME_WAIT: 28,000 ports would last for a second otherwise. */
		if (reset)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
		close(fd);
		t = now_ns();
		if (t >= from) {
			if (first == 0)
				first = t;
			else
				record(t - began);
		}
	}
	requests_result(first, t);
}

static void datagrams_destination(void) {
	int fd = bound(SOCK_DGRAM);
	if (receive_buffer)
		ok(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer), "SO_RCVBUFFORCE");
	if (segments > 1)
		on(fd, IPPROTO_UDP, UDP_GRO);
	char *buffer = buffer_of(65536);
	struct window w = {0};
	uint64_t first = 0, last = 0;
	ssize_t got;
	while ((got = recv(fd, buffer, 65536, 0)) > 0) {
		/* Every datagram bears its number; of several that came as one, the last one's place is known. */
		uint64_t number;
		size_t datagrams = (got + bytes - 1) / bytes;
		memcpy(&number, buffer + (datagrams - 1) * bytes, sizeof number);
		int more = count(&w, got, datagrams);
		if (w.datagrams > 0) {
			if (first == 0)
				first = number - datagrams;
			last = number;
		}
		if (!more)
			break;
	}
	shared->bytes = w.bytes;
	shared->datagrams = w.datagrams;
	shared->elapsed_ns = w.last_ns - w.first_ns;
	double lost = last > first ? 1.0 - (double)w.datagrams / (double)(last - first) : 0;
	printf("{\"bits_per_second\": %.0f, \"datagrams_per_second\": %.0f, \"lost_ratio\": %.5f}\n",
	       w.bytes * 8e9 / (double)shared->elapsed_ns, w.datagrams * 1e9 / (double)shared->elapsed_ns, lost);
}

static void datagrams_source(void) {
	int fd = connected(SOCK_DGRAM), size = bytes;
	char *buffer = buffer_of(bytes * segments);
	if (segments > 1)
		ok(setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size), "UDP_SEGMENT");
	for (uint64_t number = 0;;) {
		for (int i = 0; i < segments; i++) {
			number++;
			memcpy(buffer + i * bytes, &number, sizeof number);
		}
		if (send(fd, buffer, bytes * segments, 0) < 0 && errno != ENOBUFS)
			return;
	}
}

int main(int argc, char **argv) {
	static const struct option options[] = {
		{"seconds", 1, 0, 's'}, {"bytes", 1, 0, 'b'}, {"source-cpu", 1, 0, 'c'}, {"destination-cpu", 1, 0, 'd'},
		{"address", 1, 0, 'a'}, {"truncate", 0, 0, 't'}, {"zerocopy", 0, 0, 'z'}, {"busy-poll", 0, 0, 'y'},
		{"outstanding", 1, 0, 'o'}, {"flows", 1, 0, 'f'}, {"segments", 1, 0, 'g'}, {"low-water", 1, 0, 'l'},
		{"reset", 0, 0, 'r'}, {"receive-buffer", 1, 0, 'v'}, {0}};
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's': seconds = atoi(optarg); break;
		case 'b': bytes = strtoul(optarg, NULL, 10); break;
		case 'c': source_cpu = atoi(optarg); break;
		case 'd': destination_cpu = atoi(optarg); break;
		case 'a': address = optarg; break;
		case 't': truncate_rx = 1; break;
		case 'z': zerocopy = 1; break;
		case 'y': busy = 1; break;
		case 'o': outstanding = atoi(optarg); break;
		case 'f': flows = atoi(optarg); break;
		case 'g': segments = atoi(optarg); break;
		case 'l': low_water = atoi(optarg); break;
		case 'r': reset = 1; break;
		case 'v': receive_buffer = atoi(optarg); break;
		default: return 2;
		}
	}
	static const struct {
		const char *name;
		void (*source)(void), (*destination)(void);
		int result_at_destination;
	} kinds[] = {{"stream", stream_source, stream_destination, 1},
		     {"request-response", requests_source, requests_destination, 0},
		     {"connect", connect_source, connect_destination, 0},
		     {"datagrams", datagrams_source, datagrams_destination, 1}};
	size_t kind = 0;
	while (kind < 4 && (optind >= argc || strcmp(argv[optind], kinds[kind].name) != 0))
		kind++;
	if (kind == 4 || bytes < 1 || outstanding < 1 || flows < 1 || segments < 1 || seconds < 1) {
		fprintf(stderr, "kernel_loop: the first argument is stream, request-response, connect or datagrams; "
				"numbers are 1 or more\n");
		return 2;
	}
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	/* Who waits for the result is the parent. */
	int destination_is_child = !kinds[kind].result_at_destination;
	pid_t child = ok(fork(), "fork");
	if ((child == 0) == destination_is_child) {
		pin(destination_cpu);
		kinds[kind].destination();
		if (kind == 0)
			printf("{\"bits_per_second\": %.0f}\n", shared->bytes * 8e9 / (double)shared->elapsed_ns);
	} else {
		pin(source_cpu);
		while (!shared->destination_ready)
			sched_yield();
		kinds[kind].source();
	}
	if (child == 0)
		_exit(0);
	fflush(stdout);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}

/**
 * Linux system calls through the Foreign Function and Memory API: sockets, epoll, descriptor passing, CPU affinity, and
 * what the kernel tells about connections, threads, CPUs and interfaces.
 *
 * <p>Three layers. {@code Libc} binds a C function; {@code SocketCalls}, {@code FileCalls}, {@code PollCalls} and
 * {@code ThreadCalls} are one small method per function, which retries EINTR and returns the value or a negative errno;
 * the public classes above them speak in fields' terms. {@link dev.flowlane.posix.FlowSocket},
 * {@link dev.flowlane.posix.Epoll#await}, {@link dev.flowlane.posix.EventFd}, {@link dev.flowlane.posix.Rusage},
 * {@link dev.flowlane.posix.Clock} and {@link dev.flowlane.posix.Affinity#currentCpu} are for the flow loop and
 * allocate nothing; {@link dev.flowlane.posix.Sockets} and the rest are for everything before and after it and throw
 * {@link dev.flowlane.posix.PosixException}. A descriptor is an {@code int} and belongs to whoever holds it: nothing
 * here closes one on its own.
 *
 * <p>Workers and host daemons call it; the coordinator uses {@link dev.flowlane.posix.CpuSet} alone, which makes no
 * system call. It depends on nothing of ours. Every number has the header it came from beside it; the structures are
 * those of x86-64 and aarch64.
 */
@NullMarked
package dev.flowlane.posix;

import org.jspecify.annotations.NullMarked;

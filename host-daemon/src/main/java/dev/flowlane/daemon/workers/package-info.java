/**
 * Worker processes: starting them, hearing them, stopping them, and the AOT cache that lets them start quickly.
 * {@link dev.flowlane.daemon.workers.WorkerProcesses} is the way in; which worker does what is decided by
 * {@code HostMachine}, not here.
 *
 * <p>Two threads live here. One starts processes and does nothing else; it must live as long as the daemon, because
 * the kernel takes the death of the thread that forked a worker for the death of the worker's parent, and its CPU mask
 * is what workers inherit. The other owns the AF_UNIX sockets.
 */
@NullMarked
package dev.flowlane.daemon.workers;

import org.jspecify.annotations.NullMarked;

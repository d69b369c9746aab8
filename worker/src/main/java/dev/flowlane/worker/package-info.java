/**
 * The worker process: it drives one end of one flow at a time on a pinned thread and reports what it measured.
 *
 * <p>Two threads matter. The I/O thread ({@link dev.flowlane.worker.IoThread}) owns the flow's socket and runs one of
 * four loops ({@link dev.flowlane.worker.FlowLoop}); between START and the end it allocates nothing, takes no lock and
 * waits for nobody but the socket. The control thread ({@link dev.flowlane.worker.Control}) talks to the daemon, reads
 * /proc, compresses histograms. They meet in {@link dev.flowlane.worker.Flow} (volatile flags) and
 * {@link dev.flowlane.worker.IntervalRing} (single producer, single consumer).
 *
 * <p>A daemon starts this package through {@link dev.flowlane.worker.WorkerJvm} and speaks to it by
 * {@link dev.flowlane.worker.protocol}; nothing else here is meant for others. The only dependency is HdrHistogram.
 */
@NullMarked
package dev.flowlane.worker;

import org.jspecify.annotations.NullMarked;

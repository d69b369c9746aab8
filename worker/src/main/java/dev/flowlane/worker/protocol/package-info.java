/**
 * What a host daemon and its worker processes say to each other, over one AF_UNIX SOCK_SEQPACKET connection per worker:
 * the messages ({@link dev.flowlane.worker.protocol.ToWorker}, {@link dev.flowlane.worker.protocol.FromWorker}), their
 * parts, and their bytes ({@link dev.flowlane.worker.protocol.Messages}). Both ends are built and shipped together, so
 * the format may change freely as long as {@link dev.flowlane.worker.protocol.Messages#VERSION} is raised with it.
 *
 * <p>The worker and the daemon call this package; it calls nobody and does no I/O.
 */
@NullMarked
package dev.flowlane.worker.protocol;

import org.jspecify.annotations.NullMarked;

/**
 * The data plane: standing TCP listeners, candidate connections, and the handshake by which both ends of one prove that
 * they know the run's key. {@link dev.flowlane.daemon.plane.Handshake} is the protocol, without I/O;
 * {@link dev.flowlane.daemon.plane.DataPlane} is one thread around an epoll instance that owns every descriptor until
 * it is taken for a worker.
 *
 * <p>Whatever connects here is not trusted: what it may send is a few bytes, how long it may take is two seconds, how
 * many of its kind may wait is bounded. The daemon's loop calls this package and is told of candidates through
 * {@link dev.flowlane.daemon.plane.DataPlane.Listener}.
 */
@NullMarked
package dev.flowlane.daemon.plane;

import org.jspecify.annotations.NullMarked;

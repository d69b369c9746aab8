package dev.flowlane.posix;

import java.io.Serial;

/**
 * A system call that failed. The message names the call, the error and what the call was about:
 * {@code connect: ECONNREFUSED 10.0.0.2:7411}.
 */
public final class PosixException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * A failure.
     *
     * @param call name of the C function, with the option's name where that tells more: {@code setsockopt(SO_SNDBUF)}
     * @param errno positive error number
     */
    public PosixException(String call, int errno) {
        this(call, errno, "");
    }

    /**
     * A failure.
     *
     * @param detail what the call was about: an address, a path, a CPU set; may be empty
     */
    public PosixException(String call, int errno, String detail) {
        super(call + ": " + Errno.name(errno) + (detail.isEmpty() ? "" : " " + detail));
        this.errno = errno;
    }

    /** The error number, positive; see {@link Errno}. */
    public int errno() {
        return errno;
    }

    /** The result of a call, unless it is a negative errno. */
    static int check(String call, int result) {
        if (result < 0) {
            throw new PosixException(call, -result);
        }
        return result;
    }
}

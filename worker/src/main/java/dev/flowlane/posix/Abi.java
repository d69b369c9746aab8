package dev.flowlane.posix;

import java.util.Locale;

/**
 * What differs between the processors Flowlane runs on. One structure: {@code struct epoll_event} is packed on x86-64
 * so that it is the same for 32-bit programs (sys/epoll.h), and naturally aligned everywhere else. And the numbers of
 * system calls (asm/unistd_64.h, asm-generic/unistd.h).
 */
enum Abi {
    X86_64(12, 4, 44, 45, 47, 307, 299),
    AARCH64(16, 8, 206, 207, 212, 269, 243);

    /** Size of {@code struct epoll_event}. */
    final int epollEventBytes;
    /** Offset of its {@code data}; {@code events} is at 0. */
    final int epollDataOffset;
    final long sendtoCall;
    final long recvfromCall;
    final long recvmsgCall;
    final long sendmmsgCall;
    final long recvmmsgCall;

    Abi(
            int epollEventBytes,
            int epollDataOffset,
            long sendtoCall,
            long recvfromCall,
            long recvmsgCall,
            long sendmmsgCall,
            long recvmmsgCall) {
        this.epollEventBytes = epollEventBytes;
        this.epollDataOffset = epollDataOffset;
        this.sendtoCall = sendtoCall;
        this.recvfromCall = recvfromCall;
        this.recvmsgCall = recvmsgCall;
        this.sendmmsgCall = sendmmsgCall;
        this.recvmmsgCall = recvmmsgCall;
    }

    static Abi current() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static Abi of(String operatingSystem, String processor) {
        if (operatingSystem.toLowerCase(Locale.ROOT).equals("linux")) {
            if (processor.equals("amd64") || processor.equals("x86_64")) {
                return X86_64;
            }
            if (processor.equals("aarch64")) {
                return AARCH64;
            }
        }
        throw new UnsupportedOperationException(
                "Flowlane runs on Linux on x86-64 or aarch64, not on " + operatingSystem + " on " + processor);
    }
}

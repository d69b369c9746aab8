package dev.flowlane.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a sandbox forbids, for one thread (prctl(2), linux/seccomp.h, linux/filter.h). */
public final class Sandbox {
    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int MODE_FILTER = 2;
    private static final int IO_URING_SETUP = 425;

    /** BPF_LD | BPF_W | BPF_ABS, BPF_JMP | BPF_JEQ | BPF_K, BPF_RET | BPF_K. */
    private static final int LOAD = 0x20;

    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int REFUSE = 0x00050000;
    private static final int ALLOW = 0x7fff0000;
    private static final int INSTRUCTIONS = 4;
    private static final int INSTRUCTION_BYTES = 8;

    private Sandbox() {}

    /** From now on the kernel makes no io_uring for the calling thread, and those that it starts: EPERM. */
    public static void forbidIoUring() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(INSTRUCTIONS * INSTRUCTION_BYTES, Long.BYTES);
            // The number of the system call comes first in what a filter sees.
            instruction(program, 0, LOAD, 0, 0);
            instruction(program, 1, JUMP_IF_EQUAL, 1, IO_URING_SETUP);
            instruction(program, 2, RETURN, 0, REFUSE | Errno.EPERM);
            instruction(program, 3, RETURN, 0, ALLOW);
            MemorySegment filter = arena.allocate(2 * Long.BYTES, Long.BYTES);
            filter.set(JAVA_SHORT, 0, (short) INSTRUCTIONS);
            filter.set(JAVA_LONG, Long.BYTES, program.address());
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0);
            prctl(PR_SET_SECCOMP, MODE_FILTER, filter.address());
        }
    }

    /** @param elseSkip instructions that a jump skips when it does not find what it looks for */
    private static void instruction(MemorySegment program, int index, int code, int elseSkip, int operand) {
        long at = (long) index * INSTRUCTION_BYTES;
        program.set(JAVA_SHORT, at, (short) code);
        program.set(JAVA_SHORT, at + 2, (short) (elseSkip << 8));
        program.set(JAVA_INT, at + 4, operand);
    }

    private static void prctl(int option, long first, long second) {
        CallState state = CallState.current();
        long result = Libc.call(Libc.capturing("prctl"), state, option, first, second);
        PosixException.check("prctl", state.outcome((int) result));
    }
}

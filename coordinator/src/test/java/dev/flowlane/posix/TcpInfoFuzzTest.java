package dev.flowlane.posix;

import dev.flowlane.fuzz.FuzzTarget;

/** Kernels have it shorter and longer; what is not there is not known. */
final class TcpInfoFuzzTest extends FuzzTarget {
    TcpInfoFuzzTest() {
        super(new byte[104], new byte[248], new byte[512]);
    }

    @Override
    protected void read(byte[] input) {
        TcpInfo info = TcpInfo.of(input);
        for (TcpInfo.Field field : TcpInfo.Field.values()) {
            info.get(field);
        }
    }
}

package dev.flowlane.core.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flowlane.fuzz.FuzzText;

/** Addresses as hosts and users write them. */
final class AddressFuzzTest extends FuzzText {
    AddressFuzzTest() {
        super("10.0.0.1", "fe80::1%eth0", "::ffff:1.2.3.4", "2001:db8::1");
    }

    @Override
    protected void read(String text) {
        IpAddress address = IpAddress.parse(text);
        if (address != null) {
            assertThat(address.sizeBytes()).isIn(4, 16);
        }
    }
}

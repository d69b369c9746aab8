/**
 * Records of the bus in forms that other tools read: Parquet files and HdrHistogram's percentile text. Called by the
 * command line's {@code export}; knows nothing of topics.
 */
@NullMarked
package dev.flowlane.export;

import org.jspecify.annotations.NullMarked;

/**
 * Settings of clients, coordinator and daemon: environment variables and files, in one order of precedence, each value
 * with where it came from. Flags win over all of it; they are the programs' own. A run's spec is not a setting, and no
 * setting comes from one.
 *
 * <p>Begin reading at {@link dev.flowlane.config.Settings}; a new setting is a line of {@link
 * dev.flowlane.config.Setting}.
 */
@NullMarked
package dev.flowlane.config;

import org.jspecify.annotations.NullMarked;

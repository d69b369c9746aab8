/**
 * What the coordinator's page shows and to whom, as pure functions: who may do what ({@code Access}, {@code
 * CrossSite}), what was asked for ({@code PageQuery}), and the views ({@code FleetView}, {@code RunsView}, {@code
 * RunView}) as JSON made from the fleet's state and from the figures of one run ({@code RunFigures}).
 *
 * <p>No clock, no I/O, no Avro, no framework: {@code coordinator} reads the topics and speaks HTTP. The names in the
 * JSON are what the page's scripts (in the resources beside this package) and users of {@code /api} rely on.
 */
@NullMarked
package dev.flowlane.page;

import org.jspecify.annotations.NullMarked;

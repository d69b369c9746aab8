/** Tests of the dashboards and rules under {@code grafana/}, by Prometheus' own tools and against a live fleet. */
@NullMarked
package dev.flowlane.grafana;

import org.jspecify.annotations.NullMarked;

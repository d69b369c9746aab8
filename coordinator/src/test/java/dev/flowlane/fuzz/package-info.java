/**
 * Bad input: every place that reads what somebody else wrote is given garbage made from seeds. {@link
 * dev.flowlane.fuzz.Fuzz} makes it. Targets that are not public have their test in a package of the same name here,
 * beside no class of the coordinator. An input that failed once is kept in {@code src/test/resources/fuzz/TARGET} and
 * is tried first, always.
 */
package dev.flowlane.fuzz;

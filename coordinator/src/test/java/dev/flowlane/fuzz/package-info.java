/**
 * Bad input: every place that reads what somebody else wrote is a {@link dev.flowlane.fuzz.FuzzTarget}, one class each,
 * whose input jazzer makes or a seed. Targets that are not public have their test in a package of the same name here,
 * beside no class of the coordinator. An input that failed once is kept in {@code CLASSInputs/fuzz} beside the class,
 * under {@code src/test/resources}, and is tried first, always.
 */
package dev.flowlane.fuzz;

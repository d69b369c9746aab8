/**
 * What a user asks for: the run spec, its text form and its rules. {@link dev.flowlane.core.spec.SpecKeys} is the one
 * list of keys; the parser, the validator, {@code --set}, the command line's options and its help are made from it, so
 * a new key is one line there plus its place in {@link dev.flowlane.core.spec.RunSpec}. Pure: no files, no clock. The
 * command line calls {@link dev.flowlane.core.spec.SpecDocument}, the coordinator calls
 * {@link dev.flowlane.core.spec.SpecValidator} again on what came over the bus.
 */
@NullMarked
package dev.flowlane.core.spec;

import org.jspecify.annotations.NullMarked;

/** Benchmarks of the hot paths; {@code bench/README.md} says how to run them and what they gave. */
package sluicegate.bench;

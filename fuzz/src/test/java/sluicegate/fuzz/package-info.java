/**
 * Fuzzing of everything that reads bytes from outside (Jazzer, {@code mvn verify -Pfuzz}): one class for each kind of input, because Jazzer
 * fuzzes one target in a process. Seeds are real files from {@code ../shared/data} and the machines of this project; without the
 * profile, and on every build, the seeds alone are tried, and what fuzzing has found, which Jazzer puts into {@code
 * src/test/resources}. What is owed for any input is in {@link sluicegate.fuzz.Owed}.
 */
package sluicegate.fuzz;

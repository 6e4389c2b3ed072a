/**
 * From what firmware says to what a machine tells its units. What may come in: the step from a table, already read, to the
 * values of {@code sluicegate.api.platform}. What may not: reading tables ({@code sluicegate.firmware} does that), and
 * registers.
 */
package sluicegate.machine.firmware;

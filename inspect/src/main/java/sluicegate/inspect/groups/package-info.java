/**
 * Machines on paper: what firmware and configuration space say about a machine that does not run, grouped by the core's own
 * rules ({@link sluicegate.api.grouping.PciGroups}) and put into words.
 *
 * <p>What may come in: sentences about groups and what would change them. What may not: rules of grouping, which are the core's, and
 * readers, which are {@code sluicegate.firmware}'s.
 */
package sluicegate.inspect.groups;

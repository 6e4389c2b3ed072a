package sluicegate.shell;

/**
 * A name of anything: a device, group, unit, domain or machine.
 *
 * @param name as typed; nobody has looked whether it exists
 */
record Thing(String name) {}

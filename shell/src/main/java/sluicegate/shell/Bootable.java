package sluicegate.shell;

/**
 * The name of a machine that can be booted, or a folder that describes one.
 *
 * @param nameOrFolder as typed; nobody has looked whether it exists
 */
record Bootable(String nameOrFolder) {}

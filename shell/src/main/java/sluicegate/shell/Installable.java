package sluicegate.shell;

/**
 * A word for something that the driver repository has.
 *
 * @param name a driver's or a bundle's
 */
record Installable(String name) {}

/**
 * Address spaces for devices to share: what a kernel's {@code mm} is, for those who have none. Their page tables are in the machine's
 * memory, in a format that the device's unit walks; pages come when processor or device first uses them, are shared after a
 * fork until somebody writes, and are given back when the units have forgotten them.
 *
 * <p>Locks: one for each space, held while a listener is told to invalidate (it calls a driver), not while one is told that
 * the space ends. Frames have a lock of their own, under which nothing is called.
 */
package sluicegate.space;

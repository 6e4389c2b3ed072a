/** Machines that run: booted by whatever platform bundle knows them, each on PCI segments of its own. */
package sluicegate.core.impl.machine;

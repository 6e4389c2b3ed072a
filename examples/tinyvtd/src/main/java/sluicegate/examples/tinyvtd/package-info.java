/**
 * A driver for VT-d units that somebody outside of this project might have written: against {@code sluicegate.api} and the
 * manual's vocabulary in {@code sluicegate.spec.vtd}, and nothing else. docs/writing-a-driver.md tells how it came to be.
 *
 * <p>It does what every driver has to do and little more: legacy mode, second-stage tables of four levels with pages of 4 KiB,
 * invalidation by registers, faults. It leaves a unit blocked and does not take over tables in place. No PASIDs, no device TLBs.
 *
 * <p>Section numbers are those of Intel's Virtualization Technology for Directed I/O specification.
 */
package sluicegate.examples.tinyvtd;

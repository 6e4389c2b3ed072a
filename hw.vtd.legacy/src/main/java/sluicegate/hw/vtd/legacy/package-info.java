/**
 * A second driver for VT-d units, which makes another choice than {@link sluicegate.hw.vtd}: every unit is used in legacy mode, also one
 * that has scalable mode. Translation is by second-stage tables alone, as hypervisors and kernels before 5.2 use these units: one
 * table for each domain, no PASIDs, nested domains, page requests or device TLBs.
 *
 * <p>Whoever doubts scalable mode swaps a unit to it, and back. Both drivers have the classes of {@code sluicegate.hw.vtd}, each its own
 * copy; only the service is here.
 *
 * <p>What may come in: what tells this choice from the other one. How a unit is programmed belongs into {@code sluicegate.hw.vtd}.
 */
package sluicegate.hw.vtd.legacy;

/**
 * What is mapped in a domain, kept by the core and not by a driver, and how a range is cut into pages. Plain data structures:
 * they know no domain, no driver and no lock; who uses them holds the domain's mutex.
 */
package sluicegate.core.impl.ledger;

/**
 * Breaks a driver on purpose, between the driver and its unit, to see whether the judge notices. What is broken is one bit or one
 * command; the driver itself is the one that ships.
 */
package sluicegate.judge.inject;

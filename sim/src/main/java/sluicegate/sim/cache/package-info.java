/**
 * Caches that models of all vendors share: translations in a form that is read without a lock, numbers for what they belong
 * to, and the count of invalidations that keeps what is out of date from being put into them.
 *
 * <p>What may come in: how something is kept and forgotten. What may not: what is kept, and when hardware forgets it.
 */
package sluicegate.sim.cache;

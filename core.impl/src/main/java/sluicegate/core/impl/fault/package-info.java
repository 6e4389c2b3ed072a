/**
 * What becomes of a fault once its device is known: kept in a ring, logged now and then, told to listeners. Nothing here blocks
 * or takes a lock, because it runs on the thread that serves a unit's interrupt.
 */
package sluicegate.core.impl.fault;

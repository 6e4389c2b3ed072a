/**
 * PASIDs and page requests with real parts: the scenarios A1 and A2 of the semantics reference on every kind of unit that has
 * PASIDs, core and driver programming the model through registers and memory.
 */
package sluicegate.judge.pasid;

/**
 * What runs programs: {@link sluicegate.judge.run.Subject} on a machine, {@link sluicegate.judge.run.Oracle} on nothing but the
 * rules of the manual and the core. Each answers every step with an {@link sluicegate.judge.run.Outcome}. This room knows the core,
 * the driver and machines by their contract, and nothing of comparing.
 */
package sluicegate.judge.run;

/**
 * The judge: runs random programs on several machines in lockstep, a model of ours and QEMU above all, and says where they
 * disagree with each other or with what the program alone predicts.
 *
 * <p>{@link sluicegate.judge.program} holds programs, {@link sluicegate.judge.run} runs them, {@link sluicegate.judge.verdict}
 * compares and shrinks, {@link sluicegate.judge.inject} breaks a driver on purpose. Tests only; it may use every other room.
 */
package sluicegate.judge;

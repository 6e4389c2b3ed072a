/**
 * Comparing and shrinking: {@link sluicegate.judge.verdict.Judge} runs a program on everything at once, {@link
 * sluicegate.judge.verdict.Shrinker} makes a program that shows a difference small, {@link
 * sluicegate.judge.verdict.KnownQemuFaults} lists where QEMU is known to be wrong.
 */
package sluicegate.judge.verdict;

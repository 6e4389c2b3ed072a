/**
 * Makes up programs from a seed. It keeps the oracle at its side, so that steps meet each other: a DMA mostly goes where something is
 * mapped or just was.
 */
package sluicegate.judge.generate;

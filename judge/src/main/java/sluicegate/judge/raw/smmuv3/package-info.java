/**
 * Tables of an SMMUv3 with single bits inverted, and a unit that is programmed through its registers alone, against the manual written
 * down a second time. Stage 1 with one context descriptor, which is what QEMU 7.2 has.
 */
package sluicegate.judge.raw.smmuv3;

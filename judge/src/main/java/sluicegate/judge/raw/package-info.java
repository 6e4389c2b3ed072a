/**
 * Judgement of single bits: a unit is programmed through its registers alone, without core and driver, with table entries in which
 * bits are inverted that no driver would invert, and asked for one DMA. What must come of it, fault reason included, is written
 * down a second time in {@link sluicegate.judge.raw.Manual}.
 */
package sluicegate.judge.raw;

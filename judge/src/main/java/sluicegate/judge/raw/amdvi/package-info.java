/**
 * Tables of an AMD IOMMU with single bits inverted, and a unit that is programmed through its registers alone, against the manual
 * written down a second time: device table entries, host tables of all depths and page sizes, guest tables through GCR3 tables, one
 * behind the other, and interrupt remapping tables; with the events that come of them to the bit, and the accessed and dirty bits.
 */
package sluicegate.judge.raw.amdvi;

/** IO page-table formats and the one radix walker that serves them all. */
package sluicegate.pgtable;

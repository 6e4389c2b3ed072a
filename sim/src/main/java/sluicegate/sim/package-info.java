/** Embedded machines that carry every DMA through the tables that drivers wrote. */
package sluicegate.sim;

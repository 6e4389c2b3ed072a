/** The driver for Intel VT-d remapping units. */
package sluicegate.hw.vtd;

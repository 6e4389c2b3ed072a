/** The core of the platform; it knows operations of a unit, never a kind of hardware. */
package sluicegate.core.impl;

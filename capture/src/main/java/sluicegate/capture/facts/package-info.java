/**
 * Names under which the machine of a capture tells what a kernel had made of its devices, and under which the driver of
 * captures looks for it. Machine and driver know nothing else of each other than this and the platform contract.
 */
package sluicegate.capture.facts;

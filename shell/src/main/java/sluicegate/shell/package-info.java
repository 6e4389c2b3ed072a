/** The commands of the scope {@code iommu}. */
package sluicegate.shell;

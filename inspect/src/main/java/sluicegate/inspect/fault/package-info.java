/**
 * How faults are told: one class for each vendor's lines ({@link sluicegate.inspect.fault.LineReader}), one for each vendor's
 * records, and {@link sluicegate.inspect.fault.Trouble} with what usually causes them.
 *
 * <p>The spellings are those of {@code dmar_fault_do_one}, {@code iommu_print_event} and {@code arm_smmu_evtq_thread} from Linux
 * 2.6.24 to 7.x, those of {@code arm_smmu_context_fault} for SMMUv2, and those of Xen. What may come in: text patterns and the
 * sentences for what they found. Bit positions come from {@code sluicegate.spec}; those of SMMUv2, which it does not describe,
 * are the exception and stay in one class.
 */
package sluicegate.inspect.fault;

package sluicegate.spec.vtd;

import sluicegate.spec.Field;

/** Types of invalidation descriptors, section 6.5.2. */
public final class DescriptorType {

    /** {@link ContextCacheInvalidateDescriptor}. */
    public static final int CONTEXT_CACHE = 0x1;
    /** {@link IotlbInvalidateDescriptor}. */
    public static final int IOTLB = 0x2;
    /** {@link DeviceTlbInvalidateDescriptor}. */
    public static final int DEVICE_TLB = 0x3;
    /** {@link InterruptEntryCacheInvalidateDescriptor}. */
    public static final int INTERRUPT_ENTRY_CACHE = 0x4;
    /** {@link InvalidationWaitDescriptor}. */
    public static final int WAIT = 0x5;
    /** {@link PasidIotlbInvalidateDescriptor}, scalable mode only. */
    public static final int PASID_IOTLB = 0x6;
    /** {@link PasidCacheInvalidateDescriptor}, scalable mode only. */
    public static final int PASID_CACHE = 0x7;
    /** {@link PasidDeviceTlbInvalidateDescriptor}, scalable mode only. */
    public static final int PASID_DEVICE_TLB = 0x8;
    /** {@link PageGroupResponseDescriptor}, scalable mode only. */
    public static final int PAGE_GROUP_RESPONSE = 0x9;

    /** The low four bits of the type, the same in every descriptor. */
    public static final Field TYPE = Field.bits("TYPE", 3, 0, "6.5.2", "descriptor type, low bits");
    /** The upper three bits of the type, the same in every descriptor. */
    public static final Field TYPE_HI = Field.bits("TYPE_HI", 11, 9, "6.5.2", "descriptor type, upper bits");

    private DescriptorType() {
    }

    /** The type of a descriptor, from its first word. */
    public static int of(long low) {
        return (int) (TYPE_HI.get(low) << 4 | TYPE.get(low));
    }
}

package sluicegate.judge.inject;

import sluicegate.judge.run.DriverView;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.InvalidationQueueAddressRegister;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.PasidCacheInvalidateDescriptor;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.SecondStageEntry;

/** What a driver of VT-d can do wrong. */
public abstract class VtdSabotage extends Sabotage {
    private static final long TABLE = 4096;
    /** The id of no domain. */
    private static final int NOBODY = 0xfff;

    private long root = -1;
    private long queue = -1;
    private long queueBytes;

    @Override
    final void register(long offset, long value) {
        if (offset == RootTableAddressRegister.OFFSET) {
            root = RootTableAddressRegister.RTA.inPlace(value);
        } else if (offset == InvalidationQueueAddressRegister.OFFSET) {
            queue = InvalidationQueueAddressRegister.IQA.inPlace(value);
            queueBytes = InvalidationQueueAddressRegister.queueBytes(value);
        }
    }

    /** Whether a word is (also) an entry of a context table: one that the root table points to. */
    final boolean inContextTable(long address) {
        for (int bus = 0; root != -1 && bus < RootEntry.COUNT; bus++) {
            long entry = word(root + (long) bus * RootEntry.BYTES);
            if (RootEntry.P.isSet(entry) && RootEntry.CTP.inPlace(entry) == (address & -TABLE)) {
                return true;
            }
        }
        return false;
    }

    final boolean inQueue(long address) {
        return queue != -1 && address >= queue && address < queue + queueBytes;
    }

    /** Changes entries of pages in a range of physical addresses, into which no table points. */
    private abstract static class OfLeaves extends VtdSabotage {
        private final long first;
        private final long last;

        OfLeaves(long first, long length) {
            this.first = first;
            this.last = first + length - 1;
        }

        @Override
        final long written(long address, long value) {
            long page = SecondStageEntry.ADDR.inPlace(value);
            boolean leaf = (value & SecondStageEntry.RW) != 0 && page >= first && page <= last && !inContextTable(address)
                    && !inQueue(address);
            return leaf ? leaf(value) : value;
        }

        abstract long leaf(long entry);
    }

    /** Bits of each page's entry are inverted. @param bits which, such as {@code SecondStageEntry.W.mask()} */
    public static Sabotage flippedLeafBits(long bits, long buffer, long bufferSize) {
        return new OfLeaves(buffer, bufferSize) {
            @Override
            long leaf(long entry) {
                return entry ^ bits;
            }
        };
    }

    /** In one of {@code every} entries of pages, bits are inverted. */
    public static Sabotage rarelyFlippedLeafBits(long bits, int every, long buffer, long bufferSize) {
        return new OfLeaves(buffer, bufferSize) {
            @Override
            long leaf(long entry) {
                return isOneOf(every, SecondStageEntry.ADDR.get(entry)) ? entry ^ bits : entry;
            }
        };
    }

    /** Context entries name tables of three levels where there are four. */
    public static Sabotage narrowContexts() {
        return new VtdSabotage() {
            @Override
            long written(long address, long value) {
                boolean high = value != 0 && inContextTable(address) && (address & ContextEntry.BYTES - 1) != 0;
                return high ? ContextEntry.AW.set(value, AddressWidth.BITS_39.code()) : value;
            }
        };
    }

    /** The first word of each descriptor that the driver puts into the queue may be another one. */
    private abstract static class OfDescriptors extends VtdSabotage {
        @Override
        final long written(long address, long value) {
            // In wide descriptors the third word looks like a first one, of no type.
            return inQueue(address) && (address & 8) == 0 ? descriptor(DescriptorType.of(value), value) : value;
        }

        abstract long descriptor(int type, long low);
    }

    /** Invalidations of the IOTLB, by PASID or not, go to a domain that nobody uses. */
    public static Sabotage lostInvalidations() {
        return new OfDescriptors() {
            @Override
            long descriptor(int type, long low) {
                boolean iotlb = type == DescriptorType.PASID_IOTLB || type == DescriptorType.IOTLB
                        && IotlbInvalidateDescriptor.G.get(low) != IotlbInvalidateDescriptor.GLOBAL;
                return iotlb ? IotlbInvalidateDescriptor.DID.set(low, NOBODY) : low;
            }
        };
    }

    /** Invalidations of the PASID cache go to a domain that nobody uses. */
    public static Sabotage lostPasidCacheInvalidations() {
        return new OfDescriptors() {
            @Override
            long descriptor(int type, long low) {
                return type != DescriptorType.PASID_CACHE ? low : PasidCacheInvalidateDescriptor.DID.set(
                        PasidCacheInvalidateDescriptor.G.set(low, PasidCacheInvalidateDescriptor.DOMAIN), NOBODY);
            }
        };
    }

    /**
     * No sabotage but a crutch: invalidations of the PASID cache are such of the whole context cache. QEMU 7.2 takes no notice of
     * the first, and lets a source whose PASID entry said pass-through pass until there is one of the second.
     */
    public static DriverView pasidCacheAsContextCache() {
        return new OfDescriptors() {
            @Override
            long descriptor(int type, long low) {
                return type != DescriptorType.PASID_CACHE ? low : ContextCacheInvalidateDescriptor.G.set(
                        ContextCacheInvalidateDescriptor.TYPE.set(0, DescriptorType.CONTEXT_CACHE),
                        ContextCacheInvalidateDescriptor.GLOBAL);
            }
        }.view();
    }
}

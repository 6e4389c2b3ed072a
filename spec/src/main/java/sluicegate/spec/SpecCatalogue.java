package sluicegate.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.DeviceTlbInvalidateDescriptor;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.InterruptEntryCacheInvalidateDescriptor;
import sluicegate.spec.vtd.InvalidateAddressRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.SecondStageEntry;
import sluicegate.spec.vtd.VtdRegisters;

/**
 * Every layout there is, by manual. The generic test and the documentation are made from these lists, and a test
 * looks for layouts that were left out of them: who adds a structure adds it here.
 */
public final class SpecCatalogue {

    /** The VT-d architecture specification. */
    public static final Chapter VTD = new Chapter("vtd", "Intel VT-d",
            concat(List.of(RootEntry.LAYOUT, ContextEntry.LAYOUT), SecondStageEntry.LAYOUTS,
                    List.of(ContextCacheInvalidateDescriptor.LAYOUT, IotlbInvalidateDescriptor.LAYOUT,
                            DeviceTlbInvalidateDescriptor.LAYOUT, InterruptEntryCacheInvalidateDescriptor.LAYOUT,
                            InvalidationWaitDescriptor.LAYOUT)),
            concat(VtdRegisters.ALL, List.of(InvalidateAddressRegister.REGISTER, IotlbInvalidateRegister.REGISTER,
                    FaultRecord.REGISTER)),
            List.of());

    /** All manuals. */
    public static final List<Chapter> CHAPTERS = List.of(VTD);

    private SpecCatalogue() {
    }

    /** Every layout made of bits, those of registers included. */
    public static List<Layout> layouts() {
        return CHAPTERS.stream()
                .flatMap(c -> Stream.concat(c.structures().stream(), c.registers().stream().map(Register::layout)))
                .toList();
    }

    /** Every layout made of bytes. */
    public static List<ByteLayout> byteLayouts() {
        return CHAPTERS.stream().flatMap(c -> c.byteStructures().stream()).toList();
    }

    @SafeVarargs
    private static <T> List<T> concat(List<? extends T>... lists) {
        List<T> all = new ArrayList<>();
        for (List<? extends T> list : lists) {
            all.addAll(list);
        }
        return List.copyOf(all);
    }

    /**
     * What one manual defines.
     *
     * @param key name of its package and of its page of documentation
     * @param title its name for a person
     * @param structures structures in memory, and others made of bits that stand at no fixed offset
     * @param registers registers
     * @param byteStructures structures made of bytes
     */
    public record Chapter(String key, String title, List<Layout> structures, List<Register> registers,
            List<ByteLayout> byteStructures) {
    }
}

package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.pgtable.ArmLpae;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** Entries that hardware reads while they change. The steps expected are those of the kernel's arm-smmu-v3-test.c. */
class EntryWriterTest {
    private static final StreamEntries STREAMS = new StreamEntries(true, true);
    private static final long CONTEXTS = 0xF0F0_F0F0_F000L;
    private static final long OTHER_CONTEXTS = 0x4B_4B4B_4000L;
    private static final long STAGE_2_WALK = stage2Walk();
    private static final long STAGE_2_TABLE = 0xdeed_beef_0000L;

    private static final Map<String, long[]> STREAM_ENTRIES = new TreeMap<>(Map.ofEntries(
            Map.entry("abort", StreamEntries.abort()),
            Map.entry("bypass", STREAMS.bypass()),
            Map.entry("s1", stage1(CONTEXTS, StreamTableEntry.S1DSS_SSID0, true, false)),
            Map.entry("s1-elsewhere-dss-bypass", stage1(OTHER_CONTEXTS, StreamTableEntry.S1DSS_BYPASS, true, false)),
            Map.entry("s1-dss-bypass", stage1(CONTEXTS, StreamTableEntry.S1DSS_BYPASS, true, false)),
            Map.entry("s1-stall", stage1(CONTEXTS, StreamTableEntry.S1DSS_SSID0, false, true)),
            Map.entry("s2", STREAMS.stage2(STAGE_2_WALK, STAGE_2_TABLE, false, true, false)),
            Map.entry("s2-plain", STREAMS.stage2(STAGE_2_WALK, STAGE_2_TABLE, false, false, false)),
            Map.entry("s2-vmid", STREAMS.stage2(StreamTableEntry.S2VMID.set(STAGE_2_WALK, 5), STAGE_2_TABLE, false, true, false)),
            Map.entry("s2-stall", STREAMS.stage2(STAGE_2_WALK, STAGE_2_TABLE, false, false, true)),
            Map.entry("nested-dss-bypass", STREAMS.nested(STREAMS.stage2(STAGE_2_WALK, STAGE_2_TABLE, false, true, false),
                    stage1(CONTEXTS, StreamTableEntry.S1DSS_BYPASS, true, false)[0],
                    stage1(CONTEXTS, StreamTableEntry.S1DSS_BYPASS, true, false)[1], true))));

    private static final Map<String, long[]> CONTEXT_DESCRIPTORS = new TreeMap<>(Map.of(
            "none", ContextDescriptors.none(),
            "asid 778", context(778),
            "asid 1997", context(1997),
            "quiet", ContextDescriptors.quiet(1997, false, false)));

    static Stream<Arguments> streamSteps() {
        return Stream.of(
                arguments("bypass", "abort", 2, true),
                arguments("abort", "bypass", 2, true),
                arguments("s1", "abort", 2, true),
                arguments("abort", "s1", 2, true),
                arguments("s1", "bypass", 3, true),
                arguments("bypass", "s1", 3, true),
                arguments("s1", "s1-dss-bypass", 1, true),
                arguments("s1-dss-bypass", "s1", 1, true),
                arguments("s1-dss-bypass", "bypass", 2, true),
                arguments("bypass", "s1-dss-bypass", 2, true),
                arguments("s2", "abort", 2, true),
                arguments("abort", "s2", 2, true),
                arguments("s2", "bypass", 2, true),
                arguments("bypass", "s2", 2, true),
                arguments("s1", "s2", 3, true),
                arguments("s2", "s1", 3, true),
                arguments("s1-stall", "s2-stall", 3, true),
                arguments("s2-stall", "s1-stall", 3, true),
                arguments("nested-dss-bypass", "s2-plain", 3, true),
                arguments("s2-plain", "nested-dss-bypass", 2, true),
                arguments("s1", "s1-elsewhere-dss-bypass", 3, false),
                arguments("s1", "s2-vmid", 3, false),
                arguments("s2-vmid", "s1", 3, false),
                arguments("s1", "s1", 0, true));
    }

    @ParameterizedTest
    @MethodSource("streamSteps")
    void aStreamTableEntryChangesInAsManyStepsAsTheKernels(String from, String to, int steps, boolean hitless) {
        var entry = new Entry(new StreamEntryUse(), STREAM_ENTRIES.get(from));
        entry.become(STREAM_ENTRIES.get(to));
        assertThat(entry.syncs).isEqualTo(steps);
        assertThat(entry.wasInvalid).isEqualTo(!hitless);
    }

    static Stream<Arguments> contextSteps() {
        return Stream.of(
                arguments("none", "asid 1997", 2, false),
                arguments("asid 1997", "none", 2, false),
                arguments("asid 778", "asid 1997", 1, true),
                arguments("asid 1997", "asid 778", 1, true),
                arguments("asid 1997", "quiet", 2, true),
                arguments("quiet", "asid 1997", 2, true));
    }

    @ParameterizedTest
    @MethodSource("contextSteps")
    void aContextDescriptorChangesInAsManyStepsAsTheKernels(String from, String to, int steps, boolean hitless) {
        var entry = new Entry(new ContextUse(), CONTEXT_DESCRIPTORS.get(from));
        entry.become(CONTEXT_DESCRIPTORS.get(to));
        assertThat(entry.syncs).isEqualTo(steps);
        assertThat(entry.wasInvalid).isEqualTo(!hitless);
    }

    /** Not only when hardware is told to look, but after each single store, since it may look at any time. */
    @Test
    void betweenAnyTwoEntriesHardwareSeesOldOrNewOrNothing() {
        for (var from : STREAM_ENTRIES.values()) {
            for (var to : STREAM_ENTRIES.values()) {
                new Entry(new StreamEntryUse(), from).become(to);
            }
        }
        for (var from : CONTEXT_DESCRIPTORS.values()) {
            for (var to : CONTEXT_DESCRIPTORS.values()) {
                new Entry(new ContextUse(), from).become(to);
            }
        }
    }

    @Test
    void whatDoesNotTranslateIsReachedWithoutAMomentOfInvalidity() {
        for (var from : STREAM_ENTRIES.entrySet()) {
            for (String to : List.of("abort", "bypass")) {
                var entry = new Entry(new StreamEntryUse(), from.getValue());
                entry.become(STREAM_ENTRIES.get(to));
                assertThat(entry.wasInvalid).as("from " + from.getKey() + " to " + to).isFalse();
            }
        }
    }

    @Test
    void anEntryWithBitsThatNobodyReadsIsAMistake() {
        long[] wrong = StreamEntries.abort();
        wrong[3] = 0x1000;
        var entry = new Entry(new StreamEntryUse(), StreamEntries.abort());
        assertThatIllegalArgumentException().isThrownBy(() -> entry.become(wrong)).withMessageContaining("word 3");
        assertThat(entry.syncs).isZero();
    }

    private static long[] stage1(long contexts, int dss, boolean ats, boolean stall) {
        return STREAMS.stage1(contexts, StreamTableEntry.S1FMT_64K_L2, 20, dss, ats, stall);
    }

    private static long[] context(int asid) {
        var format = ArmLpae.stage1(12, 48, 48, ArmLpae.SIZES_4K);
        return ContextDescriptors.stage1(asid, format, 0xdeed_beef_0000L, AddressSize.BITS_36, false, false);
    }

    private static long stage2Walk() {
        long walk = StreamTableEntry.S2T0SZ.set(0, 4);
        walk = StreamTableEntry.S2SL0.set(walk, 3);
        walk = StreamTableEntry.S2IR0.set(walk, 2);
        walk = StreamTableEntry.S2OR0.set(walk, 1);
        walk = StreamTableEntry.S2SH0.set(walk, 3);
        walk = StreamTableEntry.S2TG.set(walk, 2);
        walk = StreamTableEntry.S2PS.set(walk, 1);
        return walk | StreamTableEntry.S2AA64.mask() | StreamTableEntry.S2PTW.mask() | StreamTableEntry.S2R.mask();
    }

    /** An entry that is looked at as hardware looks at it, whenever something is stored. */
    private static final class Entry implements EntryWriter.Place {
        private final EntryUse use;
        private final long[] old;
        private final long[] words;
        private long[] target;
        private int syncs;
        private boolean wasInvalid;

        Entry(EntryUse use, long[] words) {
            this.use = use;
            this.old = words;
            this.words = words.clone();
        }

        void become(long[] next) {
            target = next;
            EntryWriter.write(use, this, next);
            assertThat(words).isEqualTo(next);
        }

        @Override
        public long load(int word) {
            return words[word];
        }

        @Override
        public void store(int word, long value) {
            words[word] = value;
            if ((words[0] & 1) == 0 && use instanceof StreamEntryUse || words[0] == 0) {
                return;
            }
            assertThat(isLike(old) || isLike(target)).as("a mixture: " + hex() + " after the store of word " + word).isTrue();
        }

        @Override
        public void sync() {
            syncs++;
            wasInvalid |= words[0] == 0;
        }

        private boolean isLike(long[] other) {
            long[] used = new long[EntryWriter.WORDS];
            long[] safe = new long[EntryWriter.WORDS];
            use.used(words, used);
            use.safe(words, other, safe);
            for (int i = 0; i < EntryWriter.WORDS; i++) {
                if (((words[i] ^ other[i]) & used[i] & ~safe[i]) != 0) {
                    return false;
                }
            }
            return true;
        }

        private List<String> hex() {
            var text = new ArrayList<String>();
            for (long word : words) {
                text.add(Long.toHexString(word));
            }
            return text;
        }
    }
}

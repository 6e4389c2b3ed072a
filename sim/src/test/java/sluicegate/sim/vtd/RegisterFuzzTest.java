package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.sim.WatchedMemory;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.InvalidationQueueErrorRecordRegister;
import sluicegate.spec.vtd.InvalidationQueueHeadRegister;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueHeadRegister;
import sluicegate.spec.vtd.PageRequestQueueTailRegister;
import sluicegate.spec.vtd.PageRequestStatusRegister;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.VtdRegisters;

/**
 * Whatever software writes into registers and queues, and whatever devices ask for meanwhile: each access is answered, each
 * request ends in an address or in a fault that the manual knows, and the unit writes nothing but its page request queue, the
 * status of waits, flags of table entries and posted interrupts.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RegisterFuzzTest {
    private static final int STEPS = 20_000;
    private static final long DATA = 0x100_0000;
    private static final long QUEUE = 0x1c_0000;
    private static final int PASID = 1;

    private Rig rig;
    private ScalableRig tables;
    private final List<Integer> answers = new ArrayList<>();

    private void build() {
        rig = new Rig(VtdCapabilities.of(ScalableRig.features().build(), 39), memory -> {
            var watched = new WatchedMemory(memory);
            // Flags and posted interrupts are only ever set.
            watched.allow(this::mayWrite, (address, expected, value) -> (expected & ~value) == 0);
            return watched;
        });
        tables = new ScalableRig(rig);
        rig.unit.connect(new Devices() {
            @Override
            public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
                return requesterId % 5 != 0;
            }

            @Override
            public void respond(int requesterId, int pasid, int group, int code) {
                answers.add(code);
            }
        });
        tables.start();
        tables.context(ScalableRig.SID, ScalableContextEntry.DTE.mask() | ScalableContextEntry.PASIDE.mask()
                | ScalableContextEntry.PRE.mask(), 0);
        tables.firstStage(PASID, ScalableRig.DID);
        tables.first(ScalableRig.DID, 0x5000, 1, 0x7_1000 | ScalableRig.USER);
        rig.write64(PageRequestQueueAddressRegister.OFFSET, QUEUE);
    }

    private boolean mayWrite(long address, int length) {
        long base = rig.read64(PageRequestQueueAddressRegister.OFFSET);
        long start = PageRequestQueueAddressRegister.PQA.inPlace(base);
        boolean queue = address >= start && address < start + (4096L << PageRequestQueueAddressRegister.PQS.get(base));
        return length == 4 || length == 8 && queue;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void registers(long seed) {
        var random = new Random(seed);
        build();
        try (var used = rig) {
            for (int i = 0; i < STEPS; i++) {
                poke(random);
                if (random.nextInt(4) == 0) {
                    use(random, "seed " + seed + ", step " + i);
                }
            }
            used.write32(GlobalCommandRegister.OFFSET, 0);
            assertThat(used.status() & (GlobalCommandRegister.TE.mask() | GlobalCommandRegister.QIE.mask()
                    | GlobalCommandRegister.IRE.mask())).isZero();
        }
    }

    private void poke(Random random) {
        int offset = random.nextInt(16) == 0 ? random.nextInt(4100)
                : VtdRegisters.ALL.get(random.nextInt(VtdRegisters.ALL.size())).offset() + (random.nextInt(8) == 0 ? 4 : 0);
        long value = switch (random.nextInt(5)) {
            case 0 -> random.nextLong();
            case 1 -> 1L << random.nextInt(64);
            case 2 -> (long) random.nextInt(64) << 5;
            // Somewhere in memory, for bases and messages; small queues.
            case 3 -> DATA + random.nextInt(0x100_0000) & -4096 | random.nextInt(8) | (random.nextBoolean() ? 1 << 11 : 0);
            default -> random.nextInt(16);
        };
        try {
            if (random.nextInt(3) == 0) {
                rig.write64(offset, value);
            } else {
                rig.write32(offset, value);
            }
            rig.read32(offset & -4);
        } catch (IommuException e) {
            // What is misaligned, outside the window or out of turn is refused, which is an answer too.
            assertThat(e).hasMessageContaining("dmar0");
        }
        if (random.nextInt(8) == 0) {
            rig.write32(FaultStatusRegister.OFFSET, -1);
            rig.write32(GlobalCommandRegister.OFFSET, random.nextInt(512) << 23);
        }
    }

    private void use(Random random, String description) {
        int source = random.nextBoolean() ? ScalableRig.SID : random.nextInt(1 << 16);
        int pasid = random.nextBoolean() ? Pasid.NONE : random.nextInt(3);
        long iova = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(8) << 12;
        long answer = switch (random.nextInt(5)) {
            case 0 -> rig.unit.translated(source, pasid, iova, random.nextInt(32));
            case 1 -> {
                rig.unit.translationRequest(source, pasid, iova, random.nextBoolean());
                yield 0;
            }
            case 2 -> {
                rig.unit.requestPage(source, pasid, iova, random.nextInt(32), random.nextInt(512), random.nextBoolean());
                yield 0;
            }
            case 3 -> {
                long address = InterruptController.BASE | random.nextInt(1 << 20) & -4;
                assertThat(rig.unit.message(source, address, random.nextInt(), rig.interrupts)).as(description)
                        .isIn(DmaStatus.OK, DmaStatus.FAULT);
                yield 0;
            }
            default -> rig.unit.translate(source, pasid, iova, random.nextInt(32));
        };
        boolean known = answer >= 0 || answer == TranslationEngine.NO_ADDRESS || FaultReason.of((int) -answer).isPresent();
        assertThat(known).as("%s: %x", description, answer).isTrue();
        for (int i = 0; i < rig.records(); i++) {
            if (rig.hasRecord(i)) {
                var record = rig.takeRecord(i);
                assertThat(FaultReason.of(record.reason())).as(description).isPresent();
                assertThat(record.high() & FaultRecord.LAYOUT.reservedMask(1)).as(description).isZero();
            }
        }
    }

    /** However requests, answers and the head of the queue follow each other, no request is lost or answered twice. */
    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void pageRequests(long seed) {
        var random = new Random(seed);
        build();
        try (var used = rig) {
            long head = 0;
            int waiting = 0;
            int found = 0;
            for (int i = 0; i < STEPS; i++) {
                if (random.nextInt(200) == 0) {
                    found += groups(head);
                    head = used.read64(PageRequestQueueTailRegister.OFFSET);
                    used.write64(PageRequestQueueHeadRegister.OFFSET, head);
                    used.write32(PageRequestStatusRegister.OFFSET, random.nextInt(4));
                }
                int pasid = random.nextInt(4) == 0 ? random.nextInt(1 << 14) : PASID;
                boolean last = random.nextBoolean();
                used.unit.requestPage(ScalableRig.SID, pasid, random.nextLong(), 1 + random.nextInt(3), i & 511, last);
                waiting += last ? 1 : 0;
            }
            found += groups(head);
            assertThat(found + answers.size()).as("seed %d", seed).isEqualTo(waiting);
            assertThat(answers).as("both happened").contains(PageGroupResponseDescriptor.SUCCESS,
                    PageGroupResponseDescriptor.INVALID);
            assertThat(found).isPositive();
        }
    }

    /** How many groups end in the queue from a place on; they are all page requests. */
    private int groups(long head) {
        int groups = 0;
        for (long at = head; at != rig.read64(PageRequestQueueTailRegister.OFFSET); at = at + PageRequestDescriptor.BYTES & 4095) {
            assertThat(PageRequestDescriptor.TYPE.get(rig.memory.get64(QUEUE + at))).isEqualTo(PageRequestDescriptor.PAGE_REQUEST);
            groups += PageRequestDescriptor.LPIG.isSet(rig.memory.get64(QUEUE + at + 8)) ? 1 : 0;
        }
        return groups;
    }

    /** Each descriptor is carried out, or stops the queue with an error that the manual knows. */
    @ParameterizedTest
    @ValueSource(longs = {7, 8, 9})
    void descriptors(long seed) {
        var random = new Random(seed);
        build();
        try (var used = rig) {
            for (int i = 0; i < STEPS; i++) {
                int type = random.nextInt(4) == 0 ? random.nextInt(16) : 1 + random.nextInt(DescriptorType.PAGE_GROUP_RESPONSE);
                long low = random.nextInt(4) == 0 ? random.nextLong() & ~0xfL : random.nextInt(1 << 16) << 4;
                tables.submit(low & ~0xe00L | type, random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(64),
                        random.nextInt(16) == 0 ? 1L << random.nextInt(64) : 0, 0);
                // The wait that takes the place of a bad descriptor may meet a device that has not answered.
                for (int errors = 0; used.faultStatus() != 0 && errors < 3; errors++) {
                    goOn(used, "seed " + seed + ", step " + i);
                }
                assertThat(used.read64(InvalidationQueueHeadRegister.OFFSET)).as("seed %d, step %d", seed, i)
                        .isEqualTo(tables.tail());
            }
        }
    }

    /** Puts something harmless in place of a descriptor that stopped the queue, and clears the errors. */
    private static void goOn(Rig rig, String description) {
        if (FaultStatusRegister.IQE.isSet(rig.faultStatus())) {
            long error = InvalidationQueueErrorRecordRegister.IQEI.get(rig.read64(InvalidationQueueErrorRecordRegister.OFFSET));
            assertThat(InvalidationQueueError.of(error)).as(description).isPresent();
            long at = Rig.QUEUE + rig.read64(InvalidationQueueHeadRegister.OFFSET);
            rig.memory.set64(at, DescriptorType.WAIT);
            for (int word = 1; word < 4; word++) {
                rig.memory.set64(at + 8 * word, 0);
            }
        }
        rig.write32(FaultStatusRegister.OFFSET, -1);
    }
}

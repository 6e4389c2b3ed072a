package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.judge.raw.RawJudge;
import sluicegate.judge.raw.amdvi.AmdviCase;
import sluicegate.judge.raw.amdvi.AmdviCases;
import sluicegate.judge.raw.amdvi.RawAmdvi;

/**
 * Device table entries, host and guest tables and interrupt remapping tables of an AMD IOMMU: all that there are without a fault, then
 * with every single bit inverted, then random combinations from a seed that is printed. QEMU 7.2 writes no events, so the model is
 * alone with the manual.
 */
class RawAmdviTablesTest {
    private static final int RANDOM_CASES = 1_500;
    private static final String DEVICE = "00:10.0";
    /** Flags after the name: TYPE, RZ, PE, RW, PR, I, US, NX, GN. */
    private static final List<String> MET = List.of("OK", "NO_TARGET", "FAULT", "FAULT ILLEGAL_DEV_TABLE_ENTRY 000",
            "FAULT ILLEGAL_DEV_TABLE_ENTRY 0a0", "FAULT ILLEGAL_DEV_TABLE_ENTRY 008", "FAULT ILLEGAL_DEV_TABLE_ENTRY 088",
            "FAULT IO_PAGE_FAULT 000", "FAULT IO_PAGE_FAULT 020", "FAULT IO_PAGE_FAULT 010", "FAULT IO_PAGE_FAULT 030",
            "FAULT IO_PAGE_FAULT 050", "FAULT IO_PAGE_FAULT 070", "FAULT IO_PAGE_FAULT 090", "FAULT IO_PAGE_FAULT 0b0",
            "FAULT IO_PAGE_FAULT 008", "FAULT IO_PAGE_FAULT 098", "FAULT PAGE_TAB_HARDWARE_ERROR 200",
            "FAULT PAGE_TAB_HARDWARE_ERROR 220", "FAULT PAGE_TAB_HARDWARE_ERROR 208", "FAULT INVALID_DEVICE_REQUEST a00",
            "FAULT INVALID_DEVICE_REQUEST c00");
    private static final List<String> MET_WITH_PASIDS = List.of("FAULT ILLEGAL_DEV_TABLE_ENTRY 0a1", "FAULT IO_PAGE_FAULT 005",
            "FAULT IO_PAGE_FAULT 025", "FAULT IO_PAGE_FAULT 015", "FAULT IO_PAGE_FAULT 075", "FAULT IO_PAGE_FAULT 0b5",
            "FAULT PAGE_TAB_HARDWARE_ERROR 221");

    @Test
    void aUnitWithAllOfItAnswersAsTheManualSays() {
        var judge = judge("amdvi.guest-apic = yes\namdvi.x2apic = yes\namdvi.enhanced-ppr = yes\namdvi.attribute-forwarding = yes", true);
        for (var met : MET_WITH_PASIDS) {
            assertThat(judge.count(met)).as(met + " in " + judge).isPositive();
        }
    }

    /** What a unit lacks is reserved. */
    @ParameterizedTest
    @ValueSource(strings = {
        "amdvi.guest-translation = no\namdvi.pasid-bits = 0\namdvi.guest-io-protection = no\namdvi.host-accessed = no\n"
                + "amdvi.host-dirty = no\namdvi.page-requests = no\namdvi.iotlb = no\namdvi.gcr3-guest-address = no\n"
                + "amdvi.guest-apic = no\namdvi.interrupts-2k = no",
        "amdvi.host-levels = 4\namdvi.guest-levels = 4\namdvi.guest-cr3-levels = 3\namdvi.no-execute = no\namdvi.host-dirty = no\n"
                + "amdvi.gcr3-guest-address = no"
    })
    void soDoesOneThatLacksSomething(String settings) {
        judge(settings, !settings.contains("iotlb = no"));
    }

    private static RawJudge<AmdviCase> judge(String settings, boolean deviceTlbs) {
        var unit = new RawAmdvi(Subjects.embeddedMachine(Subjects.AMD_ACCEL, settings), DEVICE, deviceTlbs);
        var made = new AmdviCases(unit.hostLevels(), unit.guestLevels());
        var cases = new ArrayList<>(made.faultless());
        int faultless = cases.size();
        cases.addAll(made.everyBit());
        cases.addAll(made.combinations());
        long seed = Long.getLong("judge.seed", System.nanoTime() & 0xffff_ffffL);
        for (int i = 0; i < RANDOM_CASES; i++) {
            cases.add(made.random(seed + i));
        }
        try (var judge = new RawJudge<>(List.of(new RawJudge.Bench<>(unit, List.of())))) {
            var differences = new ArrayList<String>();
            for (var raw : cases) {
                judge.judge(raw).ifPresent(differences::add);
                if (--faultless == 0) {
                    assertThat(judge.toString()).as("tables without a fault").contains("{OK=").doesNotContain("FAULT");
                }
            }
            System.out.println("From seed " + seed + " on: " + judge);
            assertThat(differences.stream().distinct().toList()).as("from seed " + seed + " on").isEmpty();
            for (var met : MET) {
                assertThat(judge.count(met)).as(met + " in " + judge).isPositive();
            }
            return judge;
        }
    }
}

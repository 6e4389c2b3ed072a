package sluicegate.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.capture.KnownTranslations.Row;
import sluicegate.capture.facts.KernelFacts;

/** The model walks tables that real kernels made, to the addresses that are known to be there and to no others. */
class KnownTranslationsTest {
    private static final int MOST_TO_SHOW = 10;

    @ParameterizedTest
    @ValueSource(strings = {"vtd-legacy-6.1", "vtd-legacy48-ats-6.12", "vtd-scalable-sl-6.1", "vtd-scalable-fl-6.12",
        "amdvi-6.12", "smmuv3-acpi-6.1", "smmuv3-s2-6.12"})
    void everyKnownAddressIsFoundAndItsNeighboursFault(String name) {
        var folder = KnownTranslations.folder(name);
        var known = KnownTranslations.of(folder);
        assertThat(known.rows()).as("rows of %s", name).hasSizeGreaterThan(5000);
        var machine = CapturedMachine.boot(folder.toString(), 0);
        try {
            var unit = (TranslationProbe) machine.units().get(0);
            var wrong = new ArrayList<String>();
            known.rows().forEach(row -> check(unit, row, wrong));
            known.leaves().forEach(row -> checkLeaf(unit, row, wrong));
            checkNeighbours(unit, known, passedThrough(machine), wrong);
            assertThat(wrong.stream().limit(MOST_TO_SHOW).collect(Collectors.joining("\n"))).as("%d answers", wrong.size())
                    .isEmpty();
        } finally {
            machine.powerOff();
        }
    }

    private static void check(TranslationProbe unit, Row row, List<String> wrong) {
        row.samples().forEach(iova -> {
            long expected = row.address() + iova - row.iova();
            for (var access : List.of(Access.READ, Access.WRITE)) {
                var answer = unit.probe(row.requesterId(), Pasid.NONE, iova, access);
                boolean allowed = row.perm().contains(access == Access.READ ? "r" : "w");
                boolean right = allowed
                        ? answer instanceof Translation.Mapped mapped && mapped.address() == expected
                                && readsAndWrites(mapped).equals(row.perm())
                        : answer instanceof Translation.Fault;
                if (!right) {
                    wrong.add(String.format("%s of %s by %04x: %s instead of %s %s", access, Hex.of(iova), row.requesterId(),
                            answer, Hex.of(expected), row.perm()));
                }
            }
        });
    }

    private static void checkLeaf(TranslationProbe unit, Row row, List<String> wrong) {
        var answer = unit.probe(row.requesterId(), Pasid.NONE, row.iova(), row.perm().equals("w") ? Access.WRITE : Access.READ);
        if (!(answer instanceof Translation.Mapped mapped) || (mapped.address() & -mapped.size()) != row.address()) {
            wrong.add(String.format("%s by %04x: %s instead of a page from %s on", Hex.of(row.iova()), row.requesterId(), answer,
                    Hex.of(row.address())));
        }
    }

    /** The list says nothing of execution, which an SMMU allows unless the kernel asked it not to. */
    private static String readsAndWrites(Translation.Mapped mapped) {
        return Prot.toString(mapped.prot() | Prot.NOEXEC);
    }

    private static void checkNeighbours(TranslationProbe unit, KnownTranslations known, HashSet<Integer> passedThrough,
            List<String> wrong) {
        int asked = 0;
        for (int requester : known.requesters()) {
            for (long iova : passedThrough.contains(requester) ? List.<Long>of() : known.neighbours(requester)) {
                asked++;
                var read = unit.probe(requester, Pasid.NONE, iova, Access.READ);
                var write = unit.probe(requester, Pasid.NONE, iova, Access.WRITE);
                if (!(read instanceof Translation.Fault) || !(write instanceof Translation.Fault)) {
                    wrong.add(String.format("%s by %04x is not mapped: %s, %s", Hex.of(iova), requester, read, write));
                }
            }
        }
        assertThat(asked).as("neighbours asked about").isGreaterThan(300);
    }

    /** Requesters that the kernel let reach everything. */
    private static HashSet<Integer> passedThrough(CapturedMachine machine) {
        return machine.buses().get(0).devices().stream()
                .filter(device -> "identity".equals(device.properties().get(KernelFacts.GROUP_TYPE)))
                .map(device -> ((PciFunction) device).address()).map(PciAddress::requesterId)
                .collect(Collectors.toCollection(HashSet::new));
    }
}

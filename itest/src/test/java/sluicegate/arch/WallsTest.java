package sluicegate.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import java.util.Arrays;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may know whom. The table is the one of the design; a room that is not in its row may not be used. */
class WallsTest {
    private static final JavaClasses PLATFORM = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("sluicegate");

    static Stream<Arguments> rooms() {
        return Stream.of(
                room("api"),
                room("spec"),
                room("pgtable", "api.types", "api.platform", "api.driver", "spec"),
                room("hw.common", "api.types", "api.platform", "api.driver", "spec"),
                room("core.impl", "api"),
                room("hw.vtd", "api", "spec", "pgtable", "hw.common"),
                room("hw.vtd.legacy", "api", "hw.vtd"),
                room("hw.smmuv3", "api", "spec", "pgtable", "hw.common"),
                room("hw.smmuv3.stage2", "api.driver", "hw.smmuv3"),
                room("hw.amdvi", "api", "spec", "pgtable", "hw.common"),
                room("space", "api", "pgtable"),
                room("firmware", "api.types", "api.platform", "spec"),
                room("machine", "api.types", "api.platform", "spec", "firmware"),
                room("sim", "api.types", "api.platform", "spec", "firmware", "machine"),
                room("qemu", "api.types", "api.platform", "spec", "firmware", "machine"),
                room("capture", "api.types", "api.platform", "api.driver", "spec", "firmware", "machine", "sim"),
                room("capture.driver", "api.types", "api.platform", "api.driver", "spec", "capture.facts"),
                room("inspect", "api", "spec", "pgtable", "firmware", "machine"),
                room("shell", "api", "inspect"),
                room("repository", "api"),
                room("examples", "api", "spec"),
                room("launch"));
    }

    private static Arguments room(String name, String... allowed) {
        return Arguments.of(name, allowed);
    }

    @ParameterizedTest
    @MethodSource("rooms")
    void aRoomKnowsOnlyWhatItMay(String name, String[] allowed) {
        String[] inside = Stream.concat(Stream.of(name), Arrays.stream(allowed)).map(room -> "sluicegate." + room)
                .toArray(String[]::new);
        noClasses().that(in("sluicegate." + name)).should().dependOnClassesThat(ofUsOutside(inside))
                .because("of the room's row in the design").allowEmptyShould(true).check(PLATFORM);
    }

    @Test
    void aDriverNeverSeesAModelNorAModelADriver() {
        noClasses().that(in("sluicegate.hw")).should().dependOnClassesThat(in("sluicegate.sim")).allowEmptyShould(true)
                .check(PLATFORM);
        noClasses().that(in("sluicegate.sim")).should().dependOnClassesThat(in("sluicegate.hw")).allowEmptyShould(true)
                .check(PLATFORM);
        noClasses().that(in("sluicegate.hw")).should().dependOnClassesThat(in("sluicegate.machine")).allowEmptyShould(true)
                .check(PLATFORM);
        noClasses().that(in("sluicegate.capture").and(DescribedPredicate.not(in("sluicegate.capture.driver")))).should()
                .dependOnClassesThat(in("sluicegate.api.driver").or(in("sluicegate.capture.driver"))).allowEmptyShould(true)
                .check(PLATFORM);
    }

    @Test
    void anApplicationNeedsNothingThatIsMeantForDriversOfIommus() {
        noClasses().that(in("sluicegate.examples.edu")).should().dependOnClassesThat(in("sluicegate.api.driver")).check(PLATFORM);
    }

    private static DescribedPredicate<JavaClass> in(String room) {
        return DescribedPredicate.describe("in " + room, type -> isIn(type, room));
    }

    private static DescribedPredicate<JavaClass> ofUsOutside(String... rooms) {
        return DescribedPredicate.describe("outside " + String.join(", ", rooms),
                type -> isIn(type, "sluicegate") && Arrays.stream(rooms).noneMatch(room -> isIn(type, room)));
    }

    private static boolean isIn(JavaClass type, String room) {
        return type.getPackageName().equals(room) || type.getPackageName().startsWith(room + ".");
    }
}

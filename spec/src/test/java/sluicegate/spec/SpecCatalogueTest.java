package sluicegate.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import sluicegate.spec.vtd.DescriptorType;

/** Nothing that describes hardware is left out of the catalogue, and all classes that do are of one shape. */
class SpecCatalogueTest {

    @Test
    void everyLayoutIsInTheCatalogue() throws Exception {
        Set<Object> listed = new LinkedHashSet<>();
        listed.addAll(SpecCatalogue.layouts());
        listed.addAll(SpecCatalogue.byteLayouts());
        List<String> missing = new ArrayList<>();
        for (Class<?> type : structures()) {
            for (Object constant : constants(type)) {
                if ((constant instanceof Layout || constant instanceof ByteLayout) && !listed.contains(constant)) {
                    missing.add(type.getSimpleName() + ": " + constant);
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(listed).hasSizeGreaterThan(100);
    }

    @Test
    void everyFieldConstantIsPartOfALayout() throws Exception {
        Set<Field> used = new LinkedHashSet<>();
        SpecCatalogue.layouts().forEach(layout -> used.addAll(layout.fields()));
        List<String> unused = new ArrayList<>();
        for (Class<?> type : structures()) {
            if (type == DescriptorType.class) {
                continue; // its two fields stand for those of all descriptors
            }
            for (Object constant : constants(type)) {
                if (constant instanceof Field field && !used.contains(field)) {
                    unused.add(type.getSimpleName() + "." + field.name());
                }
            }
        }
        assertThat(unused).isEmpty();
    }

    @Test
    void constantsAreNamedAsTheirFields() throws Exception {
        for (Class<?> type : structures()) {
            for (java.lang.reflect.Field member : type.getDeclaredFields()) {
                if (member.getType() == Field.class && Modifier.isPublic(member.getModifiers())) {
                    assertThat(((Field) member.get(null)).name()).as(type.getSimpleName()).isEqualTo(member.getName());
                }
                if (member.getType() == ByteField.class && Modifier.isPublic(member.getModifiers())) {
                    assertThat(((ByteField) member.get(null)).name()).as(type.getSimpleName())
                            .isEqualTo(member.getName());
                }
            }
        }
    }

    @Test
    void classesHoldConstantsOnly() throws Exception {
        for (Class<?> type : structures()) {
            if (type.isEnum()) {
                continue;
            }
            assertThat(Modifier.isFinal(type.getModifiers())).as(type.getName()).isTrue();
            assertThat(type.getDeclaredConstructors()).as(type.getName())
                    .allMatch(c -> Modifier.isPrivate(c.getModifiers()));
            assertThat(type.getDeclaredFields()).as(type.getName())
                    .allMatch(f -> Modifier.isStatic(f.getModifiers()) && Modifier.isFinal(f.getModifiers()));
        }
    }

    @Test
    void noTwoStructuresShareAName() {
        List<String> names = Stream.concat(SpecCatalogue.layouts().stream().map(Layout::name),
                SpecCatalogue.byteLayouts().stream().map(ByteLayout::name)).toList();
        assertThat(names).doesNotHaveDuplicates();
    }

    private static List<Object> constants(Class<?> type) throws IllegalAccessException {
        List<Object> constants = new ArrayList<>();
        for (java.lang.reflect.Field member : type.getDeclaredFields()) {
            if (Modifier.isPublic(member.getModifiers()) && Modifier.isStatic(member.getModifiers())) {
                Object value = member.get(null);
                if (value instanceof Collection<?> several) {
                    constants.addAll(several);
                } else {
                    constants.add(value);
                }
            }
        }
        return constants;
    }

    /** The public classes of the packages below this one. */
    private static List<Class<?>> structures() throws IOException, URISyntaxException, ClassNotFoundException {
        Path root = Path.of(SpecCatalogue.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Class<?>> classes = new ArrayList<>();
        for (SpecCatalogue.Chapter chapter : SpecCatalogue.CHAPTERS) {
            try (Stream<Path> files = Files.list(root.resolve("sluicegate/spec").resolve(chapter.key()))) {
                for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                    String name = file.getFileName().toString().replace(".class", "");
                    if (!name.equals("package-info") && !name.contains("$")) {
                        classes.add(Class.forName("sluicegate.spec." + chapter.key() + "." + name));
                    }
                }
            }
        }
        return classes;
    }
}

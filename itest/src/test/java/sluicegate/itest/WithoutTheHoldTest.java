package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.weaving.WeavingHook;
import sluicegate.api.Iommu;
import sluicegate.api.driver.LeavePolicy;

/**
 * The core with the hold between two drivers taken out, piece by piece: what {@link HotSwapTest} would say of it. If a test of this
 * class fails, those tests no longer see what they are there for.
 */
@Timeout(120)
class WithoutTheHoldTest {
    private static final String PACKAGE = "sluicegate.core.impl.";

    private final Bundle core = FrameworkMachine.bundle("sluicegate.core.impl");
    private final Bundle driver = FrameworkMachine.bundle("sluicegate.hw.vtd");
    private ServiceRegistration<WeavingHook> hook;

    /** Changes one method of the core, as it is loaded anew. */
    private void weave(String type, String method, Function<MethodVisitor, MethodVisitor> change) throws Exception {
        hook = Runtime.context().registerService(WeavingHook.class, woven -> {
            if (woven.getClassName().equals(PACKAGE + type)) {
                var reader = new ClassReader(woven.getBytes());
                var writer = new ClassWriter(reader, 0);
                reader.accept(new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] thrown) {
                        var visitor = super.visitMethod(access, name, descriptor, signature, thrown);
                        return name.equals(method) ? change.apply(visitor) : visitor;
                    }
                }, 0);
                woven.setBytes(writer.toByteArray());
            }
        }, null);
        Runtime.refresh(List.of(core));
    }

    @AfterEach
    void restore() throws Exception {
        hook.unregister();
        Runtime.refresh(List.of(core));
        driver.start();
        Runtime.service(Iommu.class);
    }

    /** Returns at once. */
    private static MethodVisitor doingNothing(MethodVisitor target) {
        return new MethodVisitor(Opcodes.ASM9) {
            @Override
            public void visitCode() {
                target.visitCode();
                target.visitInsn(Opcodes.RETURN);
                target.visitMaxs(0, 4);
                target.visitEnd();
            }
        };
    }

    /** Does what it should, for a policy that is none of the caller's. */
    private static MethodVisitor keepingAlways(MethodVisitor target) {
        return new MethodVisitor(Opcodes.ASM9, target) {
            @Override
            public void visitCode() {
                super.visitCode();
                super.visitFieldInsn(Opcodes.GETSTATIC, "sluicegate/api/driver/LeavePolicy", "KEEP", "Lsluicegate/api/driver/LeavePolicy;");
                super.visitVarInsn(Opcodes.ASTORE, 2);
            }
        };
    }

    @Test
    void whereNobodyWaitsForTheNextDriverOperationsAreLost() throws Exception {
        weave("Handover", "begin", WithoutTheHoldTest::doingNothing);
        try (var rig = Runtime.boot("q35-vtd-rich", "00:05.0"); var policy = Runtime.leaving(LeavePolicy.KEEP)) {
            var traffic = new Traffic(rig, Runtime.service(Iommu.class), Optional.empty());
            for (int i = 0; i < 50 && traffic.violations().isEmpty(); i++) {
                rig.device.unit().orElseThrow().swap("intel-vtd", LeavePolicy.KEEP);
            }
            traffic.close();
            assertThat(traffic.violations()).isNotEmpty().allMatch(violation -> violation.contains("has no driver"));
        }
    }

    @Test
    void whereAUnitIsLeftTranslatingDmaPassesThatShouldBeRefused() throws Exception {
        weave("UnitBinder", "hold", WithoutTheHoldTest::keepingAlways);
        try (var rig = Runtime.boot("q35-vtd-rich", "00:05.0"); var policy = Runtime.leaving(LeavePolicy.BLOCK)) {
            var traffic = new Traffic(rig, Runtime.service(Iommu.class), Optional.empty());
            traffic.expect(Traffic.Dma.SERVED, Traffic.Dma.REFUSED);
            driver.stop();
            traffic.expect(Traffic.Dma.REFUSED);
            traffic.letRun(3);
            driver.start();
            traffic.close();
            assertThat(traffic.violations()).isNotEmpty().allMatch(violation -> violation.contains("SERVED"));
        }
    }
}

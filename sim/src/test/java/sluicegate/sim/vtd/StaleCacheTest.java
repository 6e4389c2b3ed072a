package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.ContextCommandRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.IotlbInvalidateRegister;

/** Caches hold what memory no longer says, until exactly that is invalidated. */
class StaleCacheTest {
    private static final int OTHER_SID = 0x0030;
    private static final int OTHER_DID = 6;
    private static final long TOP = 0x9_0000;
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void with(Rig.Features features) {
        rig.close();
        rig = new Rig(features.build());
    }

    /** Two domains with a page at each of the addresses, all of them in the IOTLB; then the tables are emptied. */
    private void fillAndClear(long... iovas) {
        rig.start();
        rig.context(OTHER_SID, OTHER_DID, 0, 0);
        for (long iova : iovas) {
            rig.entry(Rig.DID, iova, 1, TOP | Rig.RW);
            rig.entry(OTHER_DID, iova, 1, TOP | Rig.RW);
        }
        for (long iova : iovas) {
            assertThat(translates(Rig.SID, iova) && translates(OTHER_SID, iova)).isTrue();
            rig.entry(Rig.DID, iova, 1, 0);
            rig.entry(OTHER_DID, iova, 1, 0);
        }
    }

    private boolean translates(int sid, long iova) {
        return rig.unit.translate(sid, Pasid.NONE, iova, RequestAccess.WRITE) >= 0;
    }

    @Test
    void aPageThatWasUnmappedStaysReachableUntilItIsInvalidated() {
        fillAndClear(0x1000, 0x2000);
        assertThat(translates(Rig.SID, 0x1000)).as("stale").isTrue();
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), 0x1000);
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        assertThat(translates(Rig.SID, 0x2000)).as("another page").isTrue();
        assertThat(translates(OTHER_SID, 0x1000)).as("the page of another domain").isTrue();
    }

    @Test
    void aDomainInvalidationLeavesOtherDomains() {
        fillAndClear(0x1000, 0x7f_0000_0000L);
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.DOMAIN, Rig.DID), 0);
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        assertThat(translates(Rig.SID, 0x7f_0000_0000L)).isFalse();
        assertThat(translates(OTHER_SID, 0x1000)).isTrue();
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.GLOBAL, 0), 0);
        assertThat(translates(OTHER_SID, 0x1000)).isFalse();
    }

    @Test
    void anAddressMaskTakesItsNaturallyAlignedRangeAndNoMore() {
        fillAndClear(0x3000, 0x4000, 0x7000, 0x8000);
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), 0x5000 | 2);
        assertThat(translates(Rig.SID, 0x3000)).isTrue();
        assertThat(translates(Rig.SID, 0x4000)).isFalse();
        assertThat(translates(Rig.SID, 0x7000)).isFalse();
        assertThat(translates(Rig.SID, 0x8000)).isTrue();
    }

    @Test
    void aWideAddressMaskTakesAllSizes() {
        rig.start();
        rig.entry(Rig.DID, 0x1000, 1, TOP | Rig.RW);
        rig.entry(Rig.DID, 0x20_0000, 2, 0x40_0000 | Rig.PS | Rig.RW);
        rig.entry(Rig.DID, 0x4000_0000L, 3, Rig.PS | Rig.RW);
        long[] iovas = {0x1000, 0x20_0000, 0x4000_0000L};
        for (long iova : iovas) {
            assertThat(translates(Rig.SID, iova)).isTrue();
        }
        rig.entry(Rig.DID, 0x1000, 1, 0);
        rig.entry(Rig.DID, 0x20_0000, 2, 0);
        rig.entry(Rig.DID, 0x4000_0000L, 3, 0);
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), 18);
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        assertThat(translates(Rig.SID, 0x20_0000)).isFalse();
        assertThat(translates(Rig.SID, 0x4000_0000L)).as("the next GiB").isTrue();
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), 0x4123_4000L);
        assertThat(translates(Rig.SID, 0x4000_0000L)).as("one page of it is enough").isFalse();
    }

    @Test
    void anUpgradeOfPermissionsNeedsAnInvalidation() {
        rig.start();
        long entry = rig.entry(Rig.DID, 0x1000, 1, TOP | Rig.R);
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        rig.memory.set64(entry, TOP | Rig.RW);
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), 0x1000);
        assertThat(translates(Rig.SID, 0x1000)).isTrue();
    }

    @Test
    void withoutCachingModeNothingIsRememberedOfWhatIsNotThere() {
        rig.start();
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        rig.entry(Rig.DID, 0x1000, 1, TOP | Rig.RW);
        assertThat(translates(Rig.SID, 0x1000)).isTrue();
        assertThat(translates(OTHER_SID, 0x1000)).isFalse();
        rig.context(OTHER_SID, Rig.DID, 0, 0);
        assertThat(translates(OTHER_SID, 0x1000)).isTrue();
    }

    @Test
    void withCachingModeADriverThatForgetsToFlushAfterMappingIsFoundOut() {
        var features = new Rig.Features();
        features.cachingMode = true;
        with(features);
        rig.start();
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        rig.entry(Rig.DID, 0x1000, 1, TOP | Rig.RW);
        assertThat(translates(Rig.SID, 0x1000)).as("not present is cached").isFalse();
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), 0x1000);
        assertThat(translates(Rig.SID, 0x1000)).isTrue();
        assertThat(translates(OTHER_SID, 0x1000)).isFalse();
        rig.context(OTHER_SID, Rig.DID, 0, 0);
        assertThat(translates(OTHER_SID, 0x1000)).as("no context is cached").isFalse();
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, Rig.DID, OTHER_SID, 0), 0);
        assertThat(translates(OTHER_SID, 0x1000)).as("such an entry has domain id 0").isFalse();
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, 0, OTHER_SID, 0), 0);
        assertThat(translates(OTHER_SID, 0x1000)).isTrue();
    }

    @Test
    void aContextEntryStaysInForceUntilItIsInvalidated() {
        fillAndClear(0x1000);
        rig.contextEntry(Rig.SID, 0, 0);
        rig.contextEntry(OTHER_SID, 0, 0);
        assertThat(translates(Rig.SID, 0x1000)).isTrue();
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, OTHER_DID, Rig.SID, 0), 0);
        assertThat(translates(Rig.SID, 0x1000)).as("not in that domain").isTrue();
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, Rig.DID, Rig.SID, 0), 0);
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        assertThat(translates(OTHER_SID, 0x1000)).isTrue();
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DOMAIN, Rig.DID, 0, 0), 0);
        assertThat(translates(OTHER_SID, 0x1000)).isTrue();
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DOMAIN, OTHER_DID, 0, 0), 0);
        assertThat(translates(OTHER_SID, 0x1000)).isFalse();
    }

    @Test
    void aFunctionMaskTakesSeveralFunctionsOfADevice() {
        rig.start();
        rig.entry(Rig.DID, 0x1000, 1, TOP | Rig.RW);
        int[] sids = {0x28, 0x2c, 0x2a, 0x2e, 0x29, 0x30};
        for (int sid : sids) {
            rig.context(sid, Rig.DID, 0, 0);
            assertThat(translates(sid, 0x1000)).isTrue();
            rig.contextEntry(sid, 0, 0);
        }
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, Rig.DID, 0x28, 0b01), 0);
        assertThat(translates(0x28, 0x1000)).isFalse();
        assertThat(translates(0x2c, 0x1000)).as("differs in bit 2").isFalse();
        assertThat(translates(0x2a, 0x1000)).as("differs in bit 1").isTrue();
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, Rig.DID, 0x28, 0b10), 0);
        assertThat(translates(0x2e, 0x1000)).isFalse();
        assertThat(translates(0x29, 0x1000)).as("differs in bit 0").isTrue();
        rig.submit(Rig.contextInvalidate(ContextCacheInvalidateDescriptor.DEVICE, Rig.DID, 0x28, 0b11), 0);
        assertThat(translates(0x29, 0x1000)).isFalse();
        assertThat(translates(0x30, 0x1000)).as("another device").isTrue();
    }

    @Test
    void registersInvalidateToo() {
        fillAndClear(0x1000, 0x2000);
        rig.commandOff(GlobalCommandRegister.QIE.mask());
        int iva = ExtendedCapabilityRegister.invalidateAddressOffset(rig.read64(ExtendedCapabilityRegister.OFFSET));
        rig.write64(iva, 0x1000);
        rig.write64(iva + 8, iotlbCommand(IotlbInvalidateRegister.PAGE, Rig.DID));
        assertThat(IotlbInvalidateRegister.IVT.isSet(rig.read64(iva + 8))).isFalse();
        assertThat(IotlbInvalidateRegister.IAIG.get(rig.read64(iva + 8))).isEqualTo(IotlbInvalidateRegister.PAGE);
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        assertThat(translates(Rig.SID, 0x2000)).isTrue();
        long domain = iotlbCommand(IotlbInvalidateRegister.DOMAIN, Rig.DID);
        rig.write32(iva + 8, domain);
        rig.write32(iva + 12, domain >>> 32);
        assertThat(translates(Rig.SID, 0x2000)).isFalse();
        assertThat(translates(OTHER_SID, 0x2000)).isTrue();
        rig.write64(iva + 8, iotlbCommand(IotlbInvalidateRegister.GLOBAL, 0));
        assertThat(translates(OTHER_SID, 0x2000)).isFalse();
        rig.write64(iva, 0x1000 | 19);
        rig.write64(iva + 8, iotlbCommand(IotlbInvalidateRegister.PAGE, Rig.DID));
        assertThat(IotlbInvalidateRegister.IAIG.get(rig.read64(iva + 8))).as("address mask too large").isZero();

        rig.contextEntry(Rig.SID, 0, 0);
        assertThat(rig.request(0x1000, RequestAccess.READ)).isEqualTo(-6);
        long command = ContextCommandRegister.CIRG.set(ContextCommandRegister.ICC.mask(), ContextCommandRegister.DEVICE);
        command = ContextCommandRegister.SID.set(ContextCommandRegister.DID.set(command, Rig.DID), Rig.SID);
        rig.write64(ContextCommandRegister.OFFSET, command);
        long done = rig.read64(ContextCommandRegister.OFFSET);
        assertThat(ContextCommandRegister.ICC.isSet(done)).isFalse();
        assertThat(ContextCommandRegister.CAIG.get(done)).isEqualTo(ContextCommandRegister.DEVICE);
        assertThat(rig.request(0x1000, RequestAccess.READ)).isEqualTo(-2);
    }

    private static long iotlbCommand(int granularity, int did) {
        long command = IotlbInvalidateRegister.IIRG.set(IotlbInvalidateRegister.IVT.mask(), granularity);
        return IotlbInvalidateRegister.DID.set(command, did);
    }

    @Test
    void withoutPageSelectiveInvalidationTheDomainGoes() {
        var features = new Rig.Features();
        features.pageSelective = false;
        with(features);
        fillAndClear(0x1000, 0x2000);
        rig.submit(Rig.iotlbInvalidate(IotlbInvalidateDescriptor.PAGE, Rig.DID), 0x1000);
        assertThat(translates(Rig.SID, 0x2000)).isFalse();
        assertThat(translates(OTHER_SID, 0x1000)).isTrue();
    }

    @Test
    void aNewRootTableDoesNotReachCachedContexts() {
        fillAndClear(0x1000);
        rig.setRoot(0x8_0000);
        assertThat(translates(Rig.SID, 0x1000)).as("CAP.ESRTPS is clear").isTrue();
    }

    @Test
    void moreEntriesThanASetHoldsReplaceOneAnother() {
        rig.start();
        for (int i = 0; i < 8; i++) {
            rig.entry(Rig.DID, i * 0x40_0000L, 1, 0x10_0000L * i | Rig.RW);
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 8; i++) {
                assertThat(rig.request(i * 0x40_0000L, RequestAccess.READ)).isEqualTo(0x10_0000L * i);
            }
        }
    }
}

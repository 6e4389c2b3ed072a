package sluicegate.spec.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Bits against names, interrupt remapping. The values were worked out by hand from the manual. */
class VtdInterruptGoldenTest {

    /** As Linux programs MSI-X: handle 0x8001 with an empty subhandle. */
    @Test
    void remappableRequest() {
        long address = 0xfee0_003cL;
        assertThat(InterruptRequest.REMAPPABLE_ADDRESS.describe(address))
                .isEqualTo("HANDLE15=1 SHV=1 FORMAT=1 HANDLE=0x1 RANGE=0xfee");
        assertThat(InterruptRequest.index(address, 0)).isEqualTo(0x8001);
        assertThat(InterruptRequest.index(address, 5)).isEqualTo(0x8006);
        assertThat(InterruptRequest.index(address, 0xffff_0005)).as("reserved bits don't count").isEqualTo(0x8006);
        assertThat(InterruptRequest.index(address & ~8L, 5)).as("no subhandle").isEqualTo(0x8001);
        assertThat(InterruptRequest.index(0xfeef_ffffL, 0xffff)).isEqualTo(0x1fffe);
        assertThat(InterruptRequest.REMAPPABLE_DATA.reservedMask(0)).isEqualTo(0xffff_0000L);
    }

    @Test
    void compatibilityRequest() {
        assertThat(InterruptRequest.COMPATIBILITY_ADDRESS.describe(0xfee1_200cL))
                .isEqualTo("DM=1 RH=1 DEST=0x12 RANGE=0xfee");
        assertThat(InterruptRequest.COMPATIBILITY_DATA.describe(0xc131L)).isEqualTo("VECTOR=0x31 DLM=0x1 LEVEL=1 TM=1");
        assertThat(InterruptRequest.COMPATIBILITY_DATA.reservedMask(0)).isEqualTo(0xffff_3800L);
        assertThat(InterruptRequest.COMPATIBILITY_ADDRESS.reservedMask(0)).isEqualTo(0xfe0);
    }

    @Test
    void remappedEntry() {
        long low = 0x0000_1200_0031_0b3dL;
        long high = 0x0005_00f0L;
        assertThat(InterruptRemappingEntry.P.isSet(low)).isTrue();
        assertThat(InterruptRemappingEntry.FPD.isSet(low)).isFalse();
        assertThat(InterruptRemappingEntry.DM.isSet(low) && InterruptRemappingEntry.RH.isSet(low)
                && InterruptRemappingEntry.TM.isSet(low)).isTrue();
        assertThat(InterruptRemappingEntry.DLM.get(low)).isEqualTo(InterruptRemappingEntry.LOWEST_PRIORITY);
        assertThat(InterruptRemappingEntry.V.get(low)).isEqualTo(0x31);
        assertThat(low & InterruptRemappingEntry.XAPIC_DESTINATION).isEqualTo(0x12L << 40);
        assertThat(InterruptRemappingEntry.DST.get(low)).isEqualTo(0x1200);
        assertThat(InterruptRemappingEntry.SID.get(high)).isEqualTo(0xf0);
        assertThat(InterruptRemappingEntry.SVT.get(high)).isEqualTo(InterruptRemappingEntry.SVT_SOURCE);
        assertThat(InterruptRemappingEntry.SQ.get(high)).isEqualTo(1);
        assertThat(InterruptRemappingEntry.LAYOUT.reservedMask(0)).isEqualTo(0xff00_7000L);
        assertThat(InterruptRemappingEntry.LAYOUT.reservedMask(1)).isEqualTo(0xffff_ffff_fff0_0000L);
    }

    @Test
    void postedEntry() {
        long low = 0x4567_89c0_0041_c001L;
        long high = 0x0000_0123_0008_1020L;
        assertThat(PostedInterruptEntry.descriptor(low, high)).isEqualTo(0x123_4567_89c0L);
        assertThat(PostedInterruptEntry.VV.get(low)).isEqualTo(0x41);
        assertThat(PostedInterruptEntry.IM.isSet(low) && PostedInterruptEntry.URG.isSet(low)).isTrue();
        assertThat(PostedInterruptEntry.SVT.get(high)).isEqualTo(InterruptRemappingEntry.SVT_BUS);
        assertThat(PostedInterruptEntry.LAYOUT.reservedMask(0)).isEqualTo(0x3f_ff00_30fcL);
        assertThat(PostedInterruptEntry.LAYOUT.reservedMask(1)).isEqualTo(0xfff0_0000L);
    }

    @Test
    void postedDescriptor() {
        long control = 0x0000_1200_0031_0003L;
        assertThat(PostedInterruptDescriptor.ON.isSet(control) && PostedInterruptDescriptor.SN.isSet(control)).isTrue();
        assertThat(PostedInterruptDescriptor.NV.get(control)).isEqualTo(0x31);
        assertThat(PostedInterruptDescriptor.NDST.get(control)).isEqualTo(0x1200);
        assertThat(PostedInterruptDescriptor.LAYOUT.reservedMask(4)).isEqualTo(0xff00_fffcL);
        assertThat(PostedInterruptDescriptor.LAYOUT.reservedMask(0)).isZero();
        assertThat(PostedInterruptDescriptor.LAYOUT.reservedMask(7)).isEqualTo(-1);
    }
}

package sluicegate.spec.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;

import org.junit.jupiter.api.Test;

/** Configuration space of functions that QEMU showed to a Debian kernel, against names. */
class PciGoldenTest {

    /** A root port at 00:02.0, its first 64 bytes. */
    private static final byte[] ROOT_PORT = bytes("36 1b 0c 00 07 05 10 00 00 00 04 06 00 00 01 00"
            + " 00 80 b4 fe 00 00 00 00 00 01 01 00 10 10 00 00 80 fe 90 fe 01 c0 f1 df c0 00 00 00 c0 00 00 00"
            + " 00 00 00 00 54 00 00 00 00 00 00 00 0b 01 02 00");

    /** An e1000e at 00:09.0, its first 64 bytes. */
    private static final byte[] NIC = bytes("86 80 d3 10 07 05 10 00 00 00 00 02 00 00 00 00"
            + " 00 00 b0 fe 00 00 b2 fe 41 f0 00 00 00 40 b4 fe 00 00 00 00 00 00 00 00 00 00 00 00 86 80 00 00"
            + " 00 00 00 00 c8 00 00 00 00 00 00 00 0a 01 00 00");

    @Test
    void headerOfAnEndpoint() {
        assertThat(ConfigHeader.VENDOR_ID.get(NIC, 0)).isEqualTo(0x8086);
        assertThat(ConfigHeader.DEVICE_ID.get(NIC, 0)).isEqualTo(0x10d3);
        assertThat(ConfigHeader.CLASS_CODE.get(NIC, 0)).as("Ethernet controller").isEqualTo(0x020000);
        assertThat(ConfigHeader.HEADER_TYPE.get(NIC, 0)).isEqualTo(HeaderTypeRegister.ENDPOINT);
        assertThat(ConfigHeader.SUBSYSTEM_VENDOR_ID.get(NIC, 0)).isEqualTo(0x8086);
        assertThat(ConfigHeader.CAPABILITIES_POINTER.get(NIC, 0)).isEqualTo(0xc8);
        assertThat(ConfigHeader.INTERRUPT_LINE.get(NIC, 0)).isEqualTo(0x0a);
        assertThat(ConfigHeader.INTERRUPT_PIN.get(NIC, 0)).isEqualTo(1);
        assertThat(CommandRegister.LAYOUT.describe(ConfigHeader.COMMAND.get(NIC, 0))).isEqualTo(
                "IO_SPACE_ENABLE=1 MEMORY_SPACE_ENABLE=1 BUS_MASTER_ENABLE=1 SERR_ENABLE=1 INTERRUPT_DISABLE=1");
        assertThat(StatusRegister.LAYOUT.describe(ConfigHeader.STATUS.get(NIC, 0))).isEqualTo("CAPABILITIES_LIST=1");
    }

    @Test
    void baseAddresses() {
        assertThat(BaseAddressRegister.MEMORY.describe(ConfigHeader.bar(0).get(NIC, 0)))
                .isEqualTo("MEMORY_ADDR=0xfeb00000");
        assertThat(BaseAddressRegister.IO.describe(ConfigHeader.bar(2).get(NIC, 0)))
                .isEqualTo("IO_SPACE=1 IO_ADDR=0xf040");
        long ofVirtio = 0xe000_000cL; // its high half, 0xc0, is the next register
        assertThat(BaseAddressRegister.TYPE.get(ofVirtio)).isEqualTo(BaseAddressRegister.TYPE_64);
        assertThat(BaseAddressRegister.PREFETCHABLE.isSet(ofVirtio)).isTrue();
        assertThat(BaseAddressRegister.MEMORY_ADDR.inPlace(ofVirtio)).isEqualTo(0xe000_0000L);
        assertThat(ConfigHeader.bar(5).offset()).isEqualTo(0x24);
        assertThatIllegalArgumentException().isThrownBy(() -> ConfigHeader.bar(6));
    }

    @Test
    void headerOfABridge() {
        assertThat(ConfigHeader.HEADER_TYPE.get(ROOT_PORT, 0)).isEqualTo(HeaderTypeRegister.BRIDGE);
        assertThat(ConfigHeader.CLASS_CODE.get(ROOT_PORT, 0)).as("PCI bridge").isEqualTo(0x060400);
        assertThat(ConfigHeader.PRIMARY_BUS.get(ROOT_PORT, 0)).isZero();
        assertThat(ConfigHeader.SECONDARY_BUS.get(ROOT_PORT, 0)).isEqualTo(1);
        assertThat(ConfigHeader.SUBORDINATE_BUS.get(ROOT_PORT, 0)).isEqualTo(1);
        assertThat(ConfigHeader.MEMORY_BASE.get(ROOT_PORT, 0)).as("window from 0xfe800000").isEqualTo(0xfe80);
        assertThat(ConfigHeader.MEMORY_LIMIT.get(ROOT_PORT, 0)).as("window to 0xfe9fffff").isEqualTo(0xfe90);
        assertThat(ConfigHeader.PREFETCHABLE_BASE.get(ROOT_PORT, 0)).isEqualTo(0xc001);
        assertThat(ConfigHeader.PREFETCHABLE_BASE_UPPER.get(ROOT_PORT, 0)).isEqualTo(0xc0);
        assertThat(ConfigHeader.BRIDGE_CONTROL.get(ROOT_PORT, 0)).isEqualTo(2);
        assertThat(HeaderTypeRegister.LAYOUT.describe(0x81)).isEqualTo("HEADER_LAYOUT=0x1 MULTI_FUNCTION=1");
    }

    @Test
    void pcieCapabilityOfARootPort() {
        byte[] capability = bytes("10 48 42 01 20 80 00 00 0f 00 00 00 04 06 30 00");
        long head = PcieCapability.CAPABILITY_HEADER.get(capability, 0);
        assertThat(CapabilityId.of(CapabilityHeader.ID.get(head))).contains(CapabilityId.PCI_EXPRESS);
        assertThat(CapabilityHeader.next(head)).isEqualTo(0x48);
        long register = PcieCapability.CAPABILITIES_REGISTER.get(capability, 0);
        assertThat(PcieCapability.CAPABILITIES.describe(register))
                .isEqualTo("VERSION=0x2 PORT_TYPE=0x4 SLOT_IMPLEMENTED=1");
        assertThat(PciePortType.of(PcieCapability.PORT_TYPE.get(register))).contains(PciePortType.ROOT_PORT);
        assertThat(PcieDeviceCapabilitiesRegister.LAYOUT
                .describe(PcieCapability.DEVICE_CAPABILITIES.get(capability, 0)))
                .isEqualTo("EXTENDED_TAG=1 ROLE_BASED_ERROR_REPORTING=1");
        assertThat(PcieDeviceControlRegister.LAYOUT.describe(PcieCapability.DEVICE_CONTROL.get(capability, 0)))
                .isEqualTo("CORRECTABLE_ERROR_ENABLE=1 NON_FATAL_ERROR_ENABLE=1 FATAL_ERROR_ENABLE=1"
                        + " UNSUPPORTED_REQUEST_ENABLE=1");
    }

    @Test
    void pcieCapabilityOfAnEndpoint() {
        byte[] capability = bytes("10 00 02 00 20 80 00 10 00 00 00 00 11 04 00 00");
        long register = PcieCapability.CAPABILITIES_REGISTER.get(capability, 0);
        assertThat(PciePortType.of(PcieCapability.PORT_TYPE.get(register))).contains(PciePortType.ENDPOINT);
        assertThat(PcieDeviceCapabilitiesRegister.FLR.isSet(PcieCapability.DEVICE_CAPABILITIES.get(capability, 0)))
                .isTrue();
        assertThat(PcieDeviceControl2Register.ARI_FORWARDING_ENABLE.mask()).isEqualTo(0x20);
        assertThat(PcieDeviceCapabilities2Register.ARI_FORWARDING.mask()).isEqualTo(0x20);
        assertThat(PcieDeviceStatusRegister.TRANSACTIONS_PENDING.mask()).isEqualTo(0x20);
        assertThat(PcieDeviceControlRegister.INITIATE_FLR.mask()).isEqualTo(0x8000);
    }

    @Test
    void acsAsLinuxSwitchesItOn() {
        byte[] capability = bytes("0d 00 01 00 5f 00 1d 00");
        long head = AcsCapability.CAPABILITY_HEADER.get(capability, 0);
        assertThat(ExtendedCapabilityId.of(ExtendedCapabilityHeader.ID.get(head))).contains(ExtendedCapabilityId.ACS);
        assertThat(ExtendedCapabilityHeader.VERSION.get(head)).isEqualTo(1);
        assertThat(ExtendedCapabilityHeader.next(head)).isZero();
        assertThat(AcsCapability.CAPABILITY.describe(AcsCapability.CAPABILITY_REGISTER.get(capability, 0)))
                .isEqualTo("SV=1 TB=1 RR=1 CR=1 UF=1 DT=1");
        long control = AcsCapability.CONTROL_REGISTER.get(capability, 0);
        assertThat(AcsCapability.CONTROL.describe(control)).isEqualTo("SV=1 RR=1 CR=1 UF=1");
        assertThat(control).isEqualTo(AcsCapability.ISOLATION);
        assertThat(AcsCapability.EC.mask()).isEqualTo(0x20);
        assertThat(AcsCapability.UNCLAIMED_REQUEST_REDIRECT.mask()).isEqualTo(0x1000);
    }

    @Test
    void atsAsLinuxSwitchesItOn() {
        byte[] capability = bytes("0f 00 01 00 20 00 00 80");
        long head = AtsCapability.CAPABILITY_HEADER.get(capability, 0);
        assertThat(ExtendedCapabilityId.of(ExtendedCapabilityHeader.ID.get(head))).contains(ExtendedCapabilityId.ATS);
        long register = AtsCapability.CAPABILITY_REGISTER.get(capability, 0);
        assertThat(AtsCapability.CAPABILITY.describe(register)).isEqualTo("PAGE_ALIGNED_REQUEST=1");
        assertThat(AtsCapability.invalidateQueueDepth(register)).as("0 means 32").isEqualTo(32);
        assertThat(AtsCapability.invalidateQueueDepth(5)).isEqualTo(5);
        assertThat(AtsCapability.CONTROL.describe(AtsCapability.CONTROL_REGISTER.get(capability, 0)))
                .isEqualTo("ENABLE=1");
    }

    @Test
    void msixAsLinuxSwitchesItOn() {
        byte[] capability = bytes("11 c8 02 80 01 00 00 00 01 08 00 00");
        assertThat(MsixCapability.CONTROL.describe(MsixCapability.CONTROL_REGISTER.get(capability, 0)))
                .isEqualTo("TABLE_SIZE=0x2 ENABLE=1");
        assertThat(MsixCapability.PLACE.describe(MsixCapability.PBA.get(capability, 0)))
                .isEqualTo("BIR=0x1 OFFSET=0x800");
    }

    @Test
    void pageRequestsPasidAndVirtualFunctions() {
        assertThat(PriCapability.STATUS.describe(0x8100)).isEqualTo("STOPPED=1 PRG_RESPONSE_PASID_REQUIRED=1");
        assertThat(PriCapability.CONTROL.describe(0x0003)).isEqualTo("ENABLE=1 RESET=1");
        assertThat(PasidCapability.CAPABILITY.describe(0x1406))
                .isEqualTo("EXECUTE_PERMISSION=1 PRIVILEGED_MODE=1 MAX_PASID_WIDTH=0x14");
        assertThat(PasidCapability.CONTROL.describe(0x0001)).isEqualTo("ENABLE=1");
        assertThat(SriovCapability.CONTROL.describe(0x0019)).isEqualTo("VF_ENABLE=1 VF_MSE=1 ARI_CAPABLE_HIERARCHY=1");
        assertThat(SriovCapability.FIRST_VF_OFFSET.offset()).isEqualTo(0x14);
        assertThat(SriovCapability.VF_DEVICE_ID.offset()).isEqualTo(0x1a);
        assertThat(SriovCapability.requesterIdOfVf(0x0100, 0x80, 2, 3)).isEqualTo(0x0186);
        assertThat(SriovCapability.requesterIdOfVf(0x01F8, 0x10, 1, 0)).as("on the next bus").isEqualTo(0x0208);
        assertThat(MsiCapability.CONTROL.describe(0x0081)).isEqualTo("ENABLE=1 ADDRESS_64=1");
        assertThat(MsiCapability.messageData(true)).isEqualTo(0x0c);
        assertThat(MsiCapability.messageData(false)).isEqualTo(0x08);
    }

    @Test
    void idsHaveTheAssignedNumbers() {
        for (CapabilityId id : CapabilityId.values()) {
            assertThat(CapabilityId.of(id.code())).contains(id);
            assertThat(id.meaning()).isNotBlank();
        }
        for (ExtendedCapabilityId id : ExtendedCapabilityId.values()) {
            assertThat(ExtendedCapabilityId.of(id.code())).contains(id);
            assertThat(id.meaning()).isNotBlank();
        }
        assertThat(CapabilityId.of(0x05)).contains(CapabilityId.MSI);
        assertThat(CapabilityId.of(0x7f)).isEmpty();
        assertThat(ExtendedCapabilityId.of(0x13)).contains(ExtendedCapabilityId.PRI);
        assertThat(ExtendedCapabilityId.of(0x1b)).contains(ExtendedCapabilityId.PASID);
        assertThat(ExtendedCapabilityId.of(0xffff)).isEmpty();
        assertThat(PciePortType.of(2)).isEmpty();
        assertThat(PciePortType.values()).filteredOn(PciePortType::isDownstreamFacing).containsExactly(
                PciePortType.ROOT_PORT, PciePortType.DOWNSTREAM_PORT, PciePortType.PCI_TO_PCIE_BRIDGE);
    }

    @Test
    void requesterIds() {
        assertThat(RequesterId.of(0x00, 0x1f, 3)).isEqualTo(0x00fb);
        assertThat(RequesterId.of(0xff, 0x1f, 7)).isEqualTo(0xffff);
        assertThat(RequesterId.toString(0x00fb)).isEqualTo("00:1f.3");
        assertThat(RequesterId.parse("00:1f.3")).isEqualTo(0x00fb);
        assertThat(RequesterId.parse(" 3d:00.0 ")).isEqualTo(0x3d00);
        assertThat(RequesterId.parse("0xc9:0x05.0")).as("as some kernels print it").isEqualTo(0xc928);
        assertThat(RequesterId.bus(0xc928)).isEqualTo(0xc9);
        assertThat(RequesterId.device(0xc928)).isEqualTo(5);
        assertThat(RequesterId.function(0xc92e)).isEqualTo(6);
        assertThat(RequesterId.devfn(0xc92e)).isEqualTo(0x2e);
        for (int id = 0; id < RequesterId.COUNT; id++) {
            assertThat(RequesterId.parse(RequesterId.toString(id))).isEqualTo(id);
        }
    }

    @Test
    void whatIsNoRequesterIdIsRefused() {
        for (String text : new String[] {"", "00:1f", "00:20.0", "00:1f.8", "0000:00:1f.3", "00:1f.3x", "100:00.0",
                "-1:00.0"}) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> RequesterId.parse(text))
                    .withMessageContaining("requester id");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> RequesterId.of(0x100, 0, 0)).withMessageContaining("BUS");
        assertThatIllegalArgumentException().isThrownBy(() -> RequesterId.of(0, 32, 0)).withMessageContaining("DEVICE");
        assertThatIllegalArgumentException().isThrownBy(() -> RequesterId.of(0, 0, -1))
                .withMessageContaining("FUNCTION");
    }

    private static byte[] bytes(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex);
    }
}

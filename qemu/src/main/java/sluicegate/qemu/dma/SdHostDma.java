package sluicegate.qemu.dma;

import java.nio.ByteBuffer;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.qemu.qtest.QtestChannel;

/**
 * DMA by an SD host controller with a card (SD Host Controller Simplified Specification 2.00; QEMU's {@code sdhci-pci}). Its
 * simple DMA mode keeps address and length in registers and nothing in memory, so a domain needs to map what is transferred
 * and not a byte more. It moves a block between memory and the card within the register write that starts it; the card's
 * content is a file that is mapped here.
 *
 * <p>Addresses have 32 bits. A block has 1 to 512 bytes: cards of up to 2 GB take any such length (SD Physical Layer
 * Specification, CMD16).
 */
final class SdHostDma extends PagewiseDma {
    private static final int SYSTEM_ADDRESS = 0x00;
    private static final int BLOCK = 0x04;
    private static final int ARGUMENT = 0x08;
    private static final int TRANSFER_COMMAND = 0x0c;
    private static final int RESPONSE = 0x10;
    private static final int HOST_POWER = 0x28;
    private static final int CLOCK = 0x2c;

    private static final int ONE_BLOCK = 1 << 16;
    private static final int MODE_DMA = 1;
    private static final int MODE_TO_MEMORY = 1 << 4;
    private static final int DATA_PRESENT = 1 << 21;
    private static final int INDEX_SHIFT = 24;
    private static final int NO_RESPONSE = 0;
    private static final int RESPONSE_136 = 1 << 16;
    private static final int RESPONSE_48 = 2 << 16;
    /** Internal clock and card clock on. */
    private static final int CLOCK_ON = 5;
    private static final int POWER_3V3 = 0x0f00;

    private static final int GO_IDLE = 0;
    private static final int ALL_SEND_CID = 2;
    private static final int SEND_ADDRESS = 3;
    private static final int SELECT = 7;
    private static final int SET_BLOCK_LENGTH = 16;
    private static final int READ_BLOCK = 17;
    private static final int WRITE_BLOCK = 24;
    private static final int SEND_OP_COND = 41;
    private static final int APPLICATION = 55;
    private static final int ALL_VOLTAGES = 0x00ff_8000;
    private static final int CARD_ADDRESS = 0xffff_0000;
    /** Errors in the card status of a response. */
    private static final int CARD_ERRORS = 0xfdf8_0008;
    private static final int MAX_BLOCK = 512;

    private final long registers;
    private final ByteBuffer card;

    /**
     * @param registers physical address of its registers
     * @param card the start of the card's content, a page at least
     */
    SdHostDma(Parts parts, long registers, ByteBuffer card) {
        super(parts);
        this.registers = registers;
        this.card = card;
        wake();
    }

    /** Identifies and selects the card. */
    private void wake() {
        var channel = channel();
        channel.begin();
        try {
            channel.write32(registers + HOST_POWER, POWER_3V3);
            channel.write32(registers + CLOCK, CLOCK_ON);
            command(channel, GO_IDLE, 0, NO_RESPONSE);
            command(channel, APPLICATION, 0, RESPONSE_48);
            command(channel, SEND_OP_COND, ALL_VOLTAGES, RESPONSE_48);
            command(channel, ALL_SEND_CID, 0, RESPONSE_136);
            command(channel, SEND_ADDRESS, 0, RESPONSE_48);
            int address = channel.read32(registers + RESPONSE);
            channel.run();
            command(channel, SELECT, (int) channel.value(address) & CARD_ADDRESS, RESPONSE_48);
            finish(channel, "select its card");
        } finally {
            channel.end();
        }
    }

    @Override
    long lastAddress() {
        return 0xffff_ffffL;
    }

    @Override
    void issueRead(long iova, byte[] target, int offset, int length) {
        move(iova, length, WRITE_BLOCK, MODE_DMA);
        if (!trace().refused()) {
            card.get(0, target, offset, length);
        }
    }

    @Override
    void issueWrite(long iova, byte[] source, int offset, int length) {
        card.put(0, source, offset, length);
        move(iova, length, READ_BLOCK, MODE_DMA | MODE_TO_MEMORY);
    }

    private void move(long iova, int length, int command, int mode) {
        var channel = channel();
        int lastBlock = 0;
        for (int done = 0; done < length; done += MAX_BLOCK) {
            int block = Math.min(MAX_BLOCK, length - done);
            if (block != lastBlock) {
                command(channel, SET_BLOCK_LENGTH, block, RESPONSE_48);
                lastBlock = block;
            }
            channel.write32(registers + SYSTEM_ADDRESS, (int) (iova + done));
            channel.write32(registers + BLOCK, block | ONE_BLOCK);
            command(channel, command, done, RESPONSE_48 | DATA_PRESENT | mode);
        }
        finish(channel, "transfer a block");
    }

    private void command(QtestChannel channel, int index, int argument, int rest) {
        channel.write32(registers + ARGUMENT, argument);
        channel.write32(registers + TRANSFER_COMMAND, index << INDEX_SHIFT | rest);
    }

    private void finish(QtestChannel channel, String what) {
        int response = channel.read32(registers + RESPONSE);
        channel.run();
        int status = (int) channel.value(response);
        if ((status & CARD_ERRORS) != 0) {
            throw IommuException.of(Errno.EIO, "%s: the SD host controller can't %s: card status %s", name(), what,
                    Hex.of(Integer.toUnsignedLong(status)));
        }
    }
}

package sluicegate.inspect;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import sluicegate.api.types.Hex;

/**
 * A fault that a kernel logged or a unit recorded, in words.
 *
 * @param number the line of the log that it begins in, counted from 1
 * @param line that line; a very long one is cut
 * @param vendor whose IOMMU reported it
 * @param unit the unit, where the log names it
 * @param device the device as the log writes it or, where a machine is known, its name there; empty if the log does not say
 * @param pasid empty if the request had none or the log does not say
 * @param address the address that was asked for, unsigned; empty if the log does not say or the fault has none
 * @param access {@code read}, {@code write}, {@code execute}, {@code atomic}, {@code interrupt}, {@code translation request},
 *     {@code page request}; empty if the log does not say
 * @param fault its name in the architecture, in capital letters
 * @param meaning one sentence about what the unit found
 * @param causes what usually leads to it, the likeliest first
 * @param next what to look at next
 */
public record DecodedFault(int number, String line, Vendor vendor, Optional<String> unit, Optional<String> device,
        OptionalInt pasid, OptionalLong address, Optional<String> access, String fault, String meaning, List<String> causes,
        List<String> next) {

    public DecodedFault {
        causes = List.copyOf(causes);
        next = List.copyOf(next);
    }

    /** Who was refused what, in one line: {@code 00:14.0: write at 0xffcda000: WRITE_NOT_PERMITTED}. */
    public String title() {
        var text = new StringBuilder(device.or(() -> unit).orElse("a device that the line does not name"));
        text.append(": ");
        access.ifPresent(text::append);
        if (address.isPresent()) {
            text.append(access.isPresent() ? " at " : "at ").append(Hex.of(address.getAsLong()));
        }
        if (pasid.isPresent()) {
            text.append(" with PASID ").append(Hex.of(pasid.getAsInt()));
        }
        return text.append(access.isPresent() || address.isPresent() ? ": " : "").append(fault).toString();
    }
}

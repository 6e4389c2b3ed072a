package sluicegate.spec.vtd;

import java.util.Optional;

/** What a legacy-mode context entry does with requests: the values of {@link ContextEntry#TT}, section 9.3. */
public enum TranslationType {
    /** Untranslated requests go through the page table; translation requests and translated requests are blocked. */
    UNTRANSLATED(0b00),
    /** Untranslated, translation and translated requests are all allowed; needs ECAP.DT. */
    DEVICE_TLB(0b01),
    /** Untranslated requests pass with their address unchanged, the page table is not used; needs ECAP.PT. */
    PASS_THROUGH(0b10);

    private final int code;

    TranslationType(int code) {
        this.code = code;
    }

    /** The value in the TT field. */
    public int code() {
        return code;
    }

    /** The type with that code; empty for the reserved one. */
    public static Optional<TranslationType> of(long code) {
        for (TranslationType type : values()) {
            if (type.code == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}

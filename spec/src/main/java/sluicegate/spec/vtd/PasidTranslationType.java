package sluicegate.spec.vtd;

import java.util.Optional;

/** What a PASID entry does with requests: the values of {@link PasidEntry#PGTT}, section 9.6. */
public enum PasidTranslationType {
    /** First-stage tables only; needs ECAP.FSTS. */
    FIRST_STAGE(0b001),
    /** Second-stage tables only; needs ECAP.SSTS. */
    SECOND_STAGE(0b010),
    /** First-stage tables whose addresses, and the result, go through second-stage tables; needs ECAP.NEST. */
    NESTED(0b011),
    /** The address is left as it is; needs ECAP.PT. */
    PASS_THROUGH(0b100);

    private final int code;

    PasidTranslationType(int code) {
        this.code = code;
    }

    /** The value in the PGTT field. */
    public int code() {
        return code;
    }

    /** The type with that code; empty for a reserved one. */
    public static Optional<PasidTranslationType> of(long code) {
        for (PasidTranslationType type : values()) {
            if (type.code == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}

package sluicegate.api.types;

import java.util.Objects;

/**
 * The one way in which operations of this platform fail: an errno for programs and a sentence for people.
 *
 * <p>The sentence names the device, unit or range concerned, the rule that was broken and, where there is one, the
 * remedy. It is unchecked because a failed IOMMU operation is seldom handled where it is called.
 */
public final class IommuException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    public IommuException(Errno errno, String message) {
        super(Objects.requireNonNull(message, "message"));
        this.errno = Objects.requireNonNull(errno, "errno");
    }

    public IommuException(Errno errno, String message, Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.errno = Objects.requireNonNull(errno, "errno");
    }

    /** An exception whose message is made by {@link String#format}; use {@link Hex} for addresses. */
    public static IommuException of(Errno errno, String format, Object... args) {
        return new IommuException(errno, String.format(format, args));
    }

    /** What went wrong, as the kernel would number it. */
    public Errno errno() {
        return errno;
    }
}

package sluicegate.api.types;

import java.util.Optional;

/**
 * How far a guest's invalidations were carried out ({@code iommu_user_data_array.entry_num}).
 *
 * @param done how many commands, from the first one on, hardware has completed
 * @param refused why the command after those was not; empty if all were
 */
public record GuestInvalidation(int done, Optional<IommuException> refused) {}

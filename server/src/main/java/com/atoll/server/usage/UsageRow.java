package com.atoll.server.usage;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One row of a report. */
record UsageRow(
    @Doc("Your customer's id of the user, when the report is by it.")
        @Nullable String externalUserId,
    @Doc("Your customer's id of the project, when the report is by it.")
        @Nullable String externalProjectId,
    @Doc("Your customer's id of the workspace, when the report is by it.")
        @Nullable String externalWorkspaceId,
    @Doc("The workspace, when the report is by it.") @Nullable String workspaceId,
    @Doc("The project, when the report is by it.") @Nullable String projectId,
    @Doc("The day in UTC, when the report is by it.") @Nullable String day,
    @Doc("Seconds that sandboxes ran.") long sandboxSeconds,
    @Doc("Seconds that computers ran; there are none.") long computerSeconds,
    @Doc("Gigabytes kept, times hours.") double storageGbHours,
    @Doc("What it costs, in cents.") long creditCents,
    @Doc("What it costs, in dollars.") double totalUsd,
    @Doc("What it is made of.") List<LineItem> lineItems) {

  /** What was used of a dimension. */
  record LineItem(
      @Doc("Dimension.") String dimension,
      @Doc("How much, in its unit.") double qty,
      @Doc("Unit of the dimension.") String unit,
      @Doc("What it costs, in dollars.") double usd) {}
}

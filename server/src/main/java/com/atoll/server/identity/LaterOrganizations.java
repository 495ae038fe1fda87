package com.atoll.server.identity;

import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import java.util.List;

/** What is part of the API about organizations, but not of this release. */
final class LaterOrganizations {
  private LaterOrganizations() {}

  static List<Operation<?, ?>> operations() {
    return List.of(
        later(
            Operation.get("/tenant/preview-domain"),
            "preview_domain.get",
            "Reads the preview domain.",
            "P3"),
        later(
            Operation.put("/tenant/preview-domain"),
            "preview_domain.set",
            "Sets the preview domain.",
            "P3"),
        later(
            Operation.delete("/tenant/preview-domain"),
            "preview_domain.clear",
            "Clears the preview domain.",
            "P3"),
        later(
            Operation.post("/tenant/preview-domain/verify"),
            "preview_domain.verify",
            "Checks the preview domain.",
            "P3"));
  }

  private static Operation<?, ?> later(
      OperationBuilder<NoBody, NoBody> declared, String name, String summary, String priority) {
    return declared
        .id("organizations." + name)
        .summary(summary)
        .priority(priority)
        .notImplemented();
  }
}

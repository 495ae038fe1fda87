package com.atoll.server.usage;

import com.atoll.model.OrganizationId;

/** What other capabilities may ask of metering. */
public interface Usage {
  /** Writes down what an organization has used until now. */
  void settle(OrganizationId org);

  /** Does this each time after an organization's use was written down. */
  void afterSettled(java.util.function.Consumer<OrganizationId> action);

  /** Where use is written down. */
  UsageBook book();

  /** What things cost. */
  Prices prices();
}

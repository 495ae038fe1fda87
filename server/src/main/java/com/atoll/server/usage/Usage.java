package com.atoll.server.usage;

import com.atoll.model.OrganizationId;
import com.atoll.server.store.Tx;
import java.util.List;

/** What other capabilities may ask of metering. */
public interface Usage {
  /** Writes down what an organization has used until now. */
  void settle(OrganizationId org);

  /** Does this each time after an organization's use was written down. */
  void afterSettled(java.util.function.Consumer<OrganizationId> action);

  /**
   * Writes down use that somebody else counts, at the prices of today, in the caller's transaction
   * of the system: together with its cause, or not.
   *
   * @param events what was used; what they cost is not looked at
   */
  void charge(Tx tx, OrganizationId org, List<UsageEvent> events);

  /** Where use is written down. */
  UsageBook book();

  /** What things cost. */
  Prices prices();
}

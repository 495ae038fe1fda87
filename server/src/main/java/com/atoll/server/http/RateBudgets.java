package com.atoll.server.http;

import com.atoll.model.OrganizationId;
import org.jspecify.annotations.Nullable;

/** Where all API processes take slices of the same budgets of requests from. */
public interface RateBudgets {
  /** How long a budget lasts, from the first request that uses it. */
  long WINDOW_MS = 60_000;

  /**
   * The workspace whose budget a request uses.
   *
   * @param id its id
   * @param limit what it was given for a minute, or null for what its organization has
   */
  record Workspace(String id, @Nullable Integer limit) {}

  /**
   * A slice of a budget.
   *
   * @param granted requests that this process may admit; 0 when nothing is left
   * @param left requests that nobody has taken yet
   * @param endsInMs milliseconds until the budget begins anew
   */
  record Lease(int granted, int left, long endsInMs) {}

  /** The workspace that a request names by id, slug or name; the default one when it names none. */
  Workspace workspace(OrganizationId org, @Nullable String reference);

  /**
   * Takes a slice of what is left: a quarter, at least one request.
   *
   * @param org the organization whose budget it is
   * @param name the name of the budget
   * @param limit requests of a whole window
   */
  Lease lease(OrganizationId org, String name, int limit);
}

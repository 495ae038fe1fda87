package com.atoll.server.traffic;

import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.routes.TrafficReport;
import com.atoll.server.store.Store;
import com.atoll.server.usage.Usage;
import java.util.List;

/** What gateways served, written down, and what deployments' owners see of it. */
public final class TrafficCapability implements Capability {
  private final TrafficBook book;
  private final TrafficApi api;

  /** The traffic of a store's organizations. */
  public TrafficCapability(Store store, Usage usage) {
    book = new TrafficBook(store, new Bandwidth(usage));
    api = new TrafficApi(store);
  }

  /** Writes a report down; one that was written down before changes nothing. */
  public void write(TrafficReport report) {
    book.write(report);
  }

  /** Deletes what is kept long enough. */
  public void sweep() {
    book.sweep();
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return api.operations();
  }
}

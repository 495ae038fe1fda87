package com.atoll.server.usage;

import com.atoll.model.OrganizationId;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Metering and its reports. */
public final class UsageCapability implements Capability, Usage {
  private final Prices prices;
  private final UsageBook book = new UsageBook();
  private final Settler settler;
  private final Meter meter;
  private final List<Operation<?, ?>> operations = new ArrayList<>();

  /** The use of a store's organizations, at these prices. */
  public UsageCapability(Store store, Prices prices) {
    this.prices = prices;
    settler = new Settler(store, book, prices);
    meter = new Meter(settler);
    operations.addAll(new UsageApi(store, meter).operations());
    operations.addAll(new UsageSums(store, meter).operations());
  }

  /** Deletes what metering needs no more. */
  public void sweep() {
    settler.sweep();
  }

  @Override
  public void settle(OrganizationId org) {
    meter.settle(org, false);
  }

  @Override
  public void afterSettled(Consumer<OrganizationId> action) {
    meter.afterSettled(action);
  }

  @Override
  public void charge(Tx tx, OrganizationId org, List<UsageEvent> events) {
    settler.charge(tx, org, events);
  }

  @Override
  public UsageBook book() {
    return book;
  }

  @Override
  public Prices prices() {
    return prices;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  @Override
  public void start() {
    meter.start();
  }

  @Override
  public void close() {
    meter.close();
  }
}

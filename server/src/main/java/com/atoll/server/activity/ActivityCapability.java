package com.atoll.server.activity;

import com.atoll.server.events.EventsApi;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;

/** The views of the event log that are not the log itself. */
public final class ActivityCapability implements Capability {
  private final Store store;
  private final List<Operation<?, ?>> operations = new ArrayList<>();

  /** The views of a log. */
  public ActivityCapability(Store store, EventsApi events) {
    this.store = store;
    operations.addAll(new Notifications(store, events).operations());
    operations.addAll(new Alerts(store).operations());
    operations.add(new Activity(store).operation());
    operations.addAll(new Operations(store, events).operations());
  }

  /** Whether somebody should notice events of this type. */
  public static boolean isNotable(String type) {
    return Notable.is(type);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }

  /** Forgets marks of events that are gone. */
  public void sweep() {
    store.executeSystem(Marks::sweep);
  }
}

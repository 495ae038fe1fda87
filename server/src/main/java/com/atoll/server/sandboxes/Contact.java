package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.node.v1.DescribeRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down, every few seconds, that the machine answers and that rows say of it what is true.
 * When both have been down, the time of what ran ends a little after the last such entry.
 */
final class Contact {
  /** Shorter than what the database takes for a contact that is there. */
  static final long INTERVAL_MS = 5_000;

  private static final Logger LOG = LoggerFactory.getLogger(Contact.class);

  private final Store store;
  private final NodeClient node;
  private boolean held;
  private volatile boolean agreed;

  Contact(Store store, NodeClient node) {
    this.store = store;
    this.node = node;
  }

  /** A comparison has found, or made, that what rows say to run does. */
  void agreed() {
    agreed = true;
  }

  void look() {
    try {
      var _ = node.describe(DescribeRequest.getDefaultInstance());
    } catch (AtollException away) {
      // What it runs when it answers again is not known before the next comparison.
      held = false;
      agreed = false;
      return;
    }
    try {
      if (!held) {
        write(
            """
            insert into machine_contact default values
            on conflict (id) do update set begun_at = excluded.begun_at\
            """);
        held = true;
      }
      if (agreed) {
        write("update machine_contact set agreed_at = now()");
      }
    } catch (RuntimeException away) {
      LOG.debug("That the machine answers was not written down: {}", away.getMessage());
    }
  }

  private void write(String statement) {
    store.executeSystem(tx -> tx.sql().execute(statement));
  }
}

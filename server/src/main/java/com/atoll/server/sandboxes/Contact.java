package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.node.v1.DescribeRequest;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.store.Store;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down, every few seconds, that the machine answers and that rows say of it what is true.
 * The time of what runs is counted until a little after the last such entry: nobody saw it run
 * since.
 */
final class Contact {
  /** Shorter than what the database takes for a contact that is there. */
  static final long INTERVAL_MS = 5_000;

  private static final Logger LOG = LoggerFactory.getLogger(Contact.class);

  private final Store store;
  private final NodeClient node;
  private volatile boolean agreed;
  private volatile Runnable compare = () -> {};

  Contact(Store store, NodeClient node) {
    this.store = store;
    this.node = node;
  }

  /** Names what has rows and machine compared soon. */
  void compareBy(Runnable soon) {
    compare = soon;
  }

  /** A comparison has found, or made, that what rows say to run does. */
  void agreed() {
    if (!agreed) {
      agreed = true;
      write();
    }
  }

  void look() {
    try {
      var _ = node.describe(DescribeRequest.getDefaultInstance());
    } catch (AtollException away) {
      // What it runs when it answers again is not known before the next comparison.
      agreed = false;
      return;
    }
    if (agreed) {
      write();
    } else {
      compare.run();
    }
  }

  private void write() {
    try {
      store.executeSystem(tx ->
          tx.sql()
              .execute(
                  """
                  insert into machine_contact as c default values
                  on conflict (id) do update set agreed_at =
                    case when c.agreed_at > now() + interval '1 minute' then now()
                      else greatest(c.agreed_at, now()) end\
                  """));
    } catch (RuntimeException away) {
      LOG.debug("That the machine answers was not written down: {}", away.getMessage());
    }
  }
}

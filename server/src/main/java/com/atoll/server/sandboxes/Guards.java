package com.atoll.server.sandboxes;

import com.atoll.node.v1.Guard;
import com.atoll.node.v1.Workload;
import com.atoll.server.store.Tx;
import org.jspecify.annotations.Nullable;

/** What the egress policies of its owner hold back of a sandbox's traffic. */
public interface Guards {
  /** What a claim of this sandbox asks the node for. Waits until the policies are known. */
  Guard claim(Sandbox sandbox);

  /** What of egress is bound to a sandbox itself, as text that is kept; null for nothing. */
  @Nullable String kept(Sandbox sandbox);

  /** Refuses text that came from elsewhere and is not what {@link #kept} says. */
  void check(String kept);

  /**
   * From now on that holds for a sandbox that begins like another, or with a network of its own;
   * before it is claimed.
   *
   * @param kept what is kept of the other one
   * @param wish what it may reach besides
   */
  void begin(Sandbox sandbox, @Nullable String kept, @Nullable NetworkWish wish);

  /** Stores what a sandbox begins with, in the transaction that stores the sandbox. */
  void insert(Tx tx, Sandbox sandbox);

  /** The transaction of a sandbox has ended, however. */
  void settle(Sandbox sandbox);

  /** A sandbox was claimed, and nothing of its owner's runs in it yet. */
  void claimed(Sandbox sandbox);

  /** A sandbox has changed, or where it runs; never blocks. */
  void changed(Sandbox sandbox);

  /** A sandbox was destroyed and its machine is gone: what was bound to it alone goes too. */
  void ended(Sandbox sandbox);

  /** The node told what it holds back of a sandbox. */
  void seen(Workload workload);
}

package com.atoll.server.sandboxes;

import com.atoll.node.v1.Guard;
import com.atoll.node.v1.Workload;

/** What the egress policies of its owner hold back of a sandbox's traffic. */
public interface Guards {
  /** What a claim of this sandbox asks the node for. Waits until the policies are known. */
  Guard claim(Sandbox sandbox);

  /** A sandbox was claimed, and nothing of its owner's runs in it yet. */
  void claimed(Sandbox sandbox);

  /** A sandbox has changed, or where it runs; never blocks. */
  void changed(Sandbox sandbox);

  /** The node told what it holds back of a sandbox. */
  void seen(Workload workload);
}

package com.atoll.server.egress;

import com.atoll.model.AtollException;
import com.atoll.node.v1.CommandSpec;
import com.atoll.node.v1.RunReply;
import com.atoll.node.v1.RunRequest;
import com.atoll.server.machines.NodeClient;
import com.google.protobuf.ByteString;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the authority of the egress proxies into the trust store of sandboxes that need it. */
final class Trust {
  private static final Logger LOG = LoggerFactory.getLogger(Trust.class);
  private static final int LONGEST = 64 << 10;
  private static final long TIMEOUT_MS = 10_000;

  /** Adds what it does not have yet; every client of the images reads this bundle. */
  private static final String SCRIPT =
      """
      set -e
      new=/usr/local/share/ca-certificates/atoll-egress.crt
      bundle=/etc/ssl/certs/ca-certificates.crt
      mkdir -p "${new%/*}" "${bundle%/*}"
      cat > "$new"
      if ! grep -qF "$(sed -n 3p "$new")" "$bundle"; then
        { echo; cat "$new"; } >> "$bundle"
      fi
      """;

  private final NodeClient node;
  private final Set<String> given = ConcurrentHashMap.newKeySet();
  private volatile String authority = "";

  Trust(NodeClient node) {
    this.node = node;
  }

  void authority(String pem) {
    if (pem.length() <= LONGEST && !pem.equals(authority)) {
      given.clear();
      authority = pem;
    }
  }

  /** Whether nothing is to be done for this sandbox now. */
  boolean has(String id) {
    return authority.isEmpty() || given.contains(id);
  }

  void forget(String id) {
    given.remove(id);
  }

  void give(String id) {
    if (has(id)) {
      return;
    }
    // Once a life of this process: what a guest does not let us write is its own loss.
    given.add(id);
    try {
      RunReply reply = node.processes().run(request(id));
      if (reply.getExitCode() != 0) {
        LOG.info("Sandbox {} does not trust the egress proxy: {}", id, reply.getExitCode());
      }
    } catch (AtollException away) {
      given.remove(id);
      LOG.warn("Sandbox {} does not trust the egress proxy yet: {}", id, away.getMessage());
    }
  }

  private RunRequest request(String id) {
    CommandSpec.Builder command =
        CommandSpec.newBuilder()
            .addWords("/bin/sh")
            .addWords("-c")
            .addWords(SCRIPT)
            .setCwd("/")
            .setStdin(ByteString.copyFromUtf8(authority))
            .setTimeoutMs(TIMEOUT_MS);
    return RunRequest.newBuilder().setWorkloadId(id).setCommand(command).build();
  }
}

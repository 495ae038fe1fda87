package com.atoll.server.previews;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Principal;
import com.atoll.node.v1.UpdateRequest;
import com.atoll.server.http.Page;
import com.atoll.server.http.Paging;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.store.Event;
import com.atoll.server.store.Store;
import com.atoll.server.store.Tx;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of previews and their tokens. */
final class Previews {
  /**
   * Ports of one sandbox that previews ever spoke of, here or in its source, or that were exposed;
   * a gateway takes 4096.
   */
  private static final int MOST_PORTS = 4_000;

  /** Previews of one sandbox that have not ended: as many as a page of a list holds. */
  private static final int MOST = 1_000;

  /** Those that have ended and are remembered; older ones go when the next one is made. */
  private static final int MOST_ENDED = 1_000;

  private final Store store;
  private final NodeClient node;
  private final PortsOfSandboxes ports;

  Previews(Store store, NodeClient node, PortsOfSandboxes ports) {
    this.store = store;
    this.node = node;
    this.ports = ports;
  }

  /**
   * Lets a port answer although it listens on 127.0.0.1 only, again when its previews have ended
   * since it was last asked for.
   */
  void expose(Principal principal, Sandbox sandbox, int port) {
    exposeOnNode(sandbox, port);
    boolean fresh =
        store.transaction(
            principal,
            tx -> {
              boolean said =
                  tx.sql()
                          .execute(
                              """
                              insert into exposed_ports as e (sandbox_id, org, port)
                              values (?, ?, ?)
                              on conflict (sandbox_id, port) do update set opened_at = now()
                              where exists (
                                select from previews p
                                where p.sandbox_id = e.sandbox_id and p.port = e.port
                                  and least(p.deleted_at, p.expires_at) >= e.opened_at
                                  and least(p.deleted_at, p.expires_at) < now())\
                              """,
                              sandbox.id(),
                              tx.org().value(),
                              port)
                      == 1;
              if (said) {
                requireFewPorts(tx, sandbox);
              }
              return said;
            });
    if (fresh) {
      ports.publish(sandbox.id());
    }
  }

  Page<Preview> list(Principal principal, Sandbox sandbox, Paging paging) {
    return store.transaction(principal, tx -> Preview.Table.of(tx, sandbox.id(), paging));
  }

  Preview get(Principal principal, Sandbox sandbox, String id) {
    return store.transaction(principal, tx -> require(tx, sandbox, id));
  }

  /** Stores a preview; a private one makes its port private before this returns. */
  Preview create(Principal principal, Sandbox sandbox, Preview preview, String url, After after) {
    exposeOnNode(sandbox, preview.port());
    Preview created =
        store.transaction(
            principal,
            tx -> {
              Preview.Table.insert(tx, preview);
              requireFewPorts(tx, sandbox);
              requireFew(tx, sandbox);
              Preview stored = require(tx, sandbox, preview.id());
              tx.event(event("preview.created", sandbox, stored));
              tx.event(ready(sandbox, stored, url));
              after.inTransaction(tx, stored);
              return stored;
            });
    ports.publish(sandbox.id());
    return created;
  }

  /** What else belongs into the transaction of a change. */
  interface After {
    /** Does it. */
    void inTransaction(Tx tx, Preview preview);
  }

  /** Ends a preview. Its row stays: the port is closed until somebody opens it again. */
  void delete(Principal principal, Sandbox sandbox, String id) {
    store.execute(
        principal,
        tx -> {
          Preview preview = require(tx, sandbox, id);
          revoke(tx, "preview_id", id);
          Preview.Table.delete(tx, sandbox.id(), id);
          tx.event(event("preview.deleted", sandbox, preview));
        });
    ports.publish(sandbox.id());
  }

  /** Mints the share token of a preview; the one before it ends. */
  Preview share(Principal principal, Sandbox sandbox, String id, PreviewToken token) {
    Preview shared =
        store.transaction(
            principal,
            tx -> {
              if (require(tx, sandbox, id).hasEnded()) {
                throw AtollException.of(ErrorCode.RESOURCE_STATE, "preview " + id + " has expired");
              }
              revoke(tx, "preview_id", id);
              var _ = token.insert(tx, sandbox.owner().externalUserId());
              return require(tx, sandbox, id);
            });
    forgetGrants(sandbox);
    return shared;
  }

  void unshare(Principal principal, Sandbox sandbox, String id) {
    store.execute(
        principal,
        tx -> {
          require(tx, sandbox, id);
          revoke(tx, "preview_id", id);
        });
    forgetGrants(sandbox);
  }

  /** A route that is sent again makes every gateway ask anew for its grants. */
  void forgetGrants(Sandbox sandbox) {
    ports.publish(sandbox.id());
  }

  /** Keeps a token of a sandbox; when it was made. */
  OffsetDateTime mint(Principal principal, Sandbox sandbox, PreviewToken token) {
    return store.transaction(
        principal,
        tx -> {
          OffsetDateTime made = token.insert(tx, sandbox.owner().externalUserId());
          if (token.kind() == PreviewToken.Kind.SANDBOX) {
            tx.event(shareEvent("sandbox.share.created", 1, sandbox, token.id()));
          }
          return made;
        });
  }

  /** What those learn who follow the shares of a sandbox. */
  static Event shareEvent(String type, long version, Sandbox sandbox, String share) {
    return new Event(
        type,
        "share",
        share,
        version,
        sandbox.owner().workspaceId(),
        sandbox.owner().projectId(),
        sandbox.owner().externalWorkspaceId(),
        sandbox.owner().externalUserId(),
        sandbox.owner().externalProjectId(),
        Map.of("sandbox_id", sandbox.id(), "share_id", share));
  }

  /**
   * Keeps a token for the DevTools inside; those before it end.
   *
   * @return the number of this grant among those of the sandbox
   */
  long mintBrowser(Principal principal, Sandbox sandbox, PreviewToken token) {
    exposeOnNode(sandbox, BrowserApi.PORT);
    long epoch =
        store.transaction(
            principal,
            tx -> {
              long next =
                  tx.sql()
                      .fetchSingle(
                          """
                          insert into browser_epochs as b (sandbox_id, org, epoch) values (?, ?, 1)
                          on conflict (sandbox_id) do update set epoch = b.epoch + 1
                          returning epoch\
                          """,
                          sandbox.id(),
                          tx.org().value())
                      .get(0, Long.class);
              tx.sql()
                  .execute(
                      """
                      update preview_tokens set revoked_at = now()
                      where sandbox_id = ? and kind = 'browser' and revoked_at is null\
                      """,
                      sandbox.id());
              var _ = token.insert(tx, sandbox.owner().externalUserId());
              return next;
            });
    forgetGrants(sandbox);
    return epoch;
  }

  private static void requireFew(Tx tx, Sandbox sandbox) {
    Preview.Table.Numbers numbers = Preview.Table.numbers(tx, sandbox.id());
    if (numbers.living() > MOST) {
      throw AtollException.of(
          ErrorCode.QUOTA_EXCEEDED, MOST + " previews of a sandbox; delete some");
    }
    if (numbers.ended() > MOST_ENDED) {
      Preview.Table.forgetEnded(tx, sandbox.id(), MOST_ENDED);
    }
  }

  private static void requireFewPorts(Tx tx, Sandbox sandbox) {
    int ports =
        tx.sql()
            .fetchSingle(
                """
                select count(*) from (
                  select port from previews where sandbox_id = ?
                  union select port from exposed_ports where sandbox_id = ?
                  union select port from withheld_ports where sandbox_id = ?) p\
                """,
                sandbox.id(),
                sandbox.id(),
                sandbox.id())
            .get(0, Integer.class);
    if (ports > MOST_PORTS) {
      throw AtollException.of(
          ErrorCode.QUOTA_EXCEEDED, MOST_PORTS + " ports with previews in the life of a sandbox");
    }
  }

  private Preview require(Tx tx, Sandbox sandbox, String id) {
    return Preview.Table.find(tx, sandbox.id(), id)
        .orElseThrow(() -> AtollException.of(ErrorCode.NOT_FOUND, "preview " + id));
  }

  private static void revoke(Tx tx, String column, String id) {
    tx.sql()
        .execute(
            "update preview_tokens set revoked_at = now() where "
                + column
                + " = ? and revoked_at is null",
            id);
  }

  private void exposeOnNode(Sandbox sandbox, int port) {
    node.workloads()
        .update(UpdateRequest.newBuilder().setId(sandbox.id()).addExposePorts(port).build());
  }

  /** That the preview is served, for those who follow its sandbox. */
  private static Event ready(Sandbox sandbox, Preview preview, String url) {
    return event(
        "sandbox.preview.ready",
        sandbox,
        preview,
        Map.of(
            "sandbox_id",
            sandbox.id(),
            "preview_id",
            preview.id(),
            "url",
            url,
            "port",
            preview.port()));
  }

  private static Event event(String type, Sandbox sandbox, Preview preview) {
    return event(
        type, sandbox, preview, Map.of("sandbox_id", sandbox.id(), "port", preview.port()));
  }

  private static Event event(
      String type, Sandbox sandbox, Preview preview, Map<String, Object> data) {
    @Nullable String workspace = sandbox.owner().workspaceId();
    return new Event(
        type,
        "preview",
        preview.id(),
        preview.version() + (type.endsWith("deleted") ? 1 : 0),
        workspace,
        sandbox.owner().projectId(),
        preview.externalWorkspaceId(),
        preview.externalUserId(),
        preview.externalProjectId(),
        data);
  }
}

package com.atoll.server.ssh;

import com.atoll.model.ErrorCode;
import com.atoll.node.v1.SshRequest;
import com.atoll.node.v1.Ticket;
import com.atoll.server.commands.ByteTalk;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** SSH into sandboxes. */
public final class SshCapability implements Capability {
  private final Store store;
  private final Sandboxes sandboxes;
  private final NodeClient node;
  private final Issuer issuer;

  /** SSH into these sandboxes, on this node. */
  public SshCapability(Store store, Vault vault, Sandboxes sandboxes, NodeClient node) {
    this.store = store;
    this.sandboxes = sandboxes;
    this.node = node;
    this.issuer = new Issuer(new KeyStore(vault));
  }

  /** What the SSH server of a sandbox is told for one connection. */
  private record Told(Issuer.Keys keys, List<AuthorizedKey> authorized) {}

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> operations =
        new ArrayList<>(new SshApi(store, sandboxes, issuer).operations());
    operations.add(
        SshApi.declare(
                Operation.get("/sandboxes/:id/ssh-tunnel"),
                "tunnel",
                "The bytes of one SSH connection over WebSocket: binary frames both ways.")
            .errors(ErrorCode.SANDBOX_NOT_RUNNING, ErrorCode.NODE_UNAVAILABLE)
            .webSocket()
            .run(this::tunnel));
    return operations;
  }

  private void tunnel(Call call) {
    Ticket ticket =
        sandboxes.awake(
            call.principal(),
            call.path("id"),
            sandbox -> node.ports().openSsh(told(call, sandbox)));
    call.webSocket(List.of(), new ByteTalk(node, ticket));
  }

  private SshRequest told(Call call, Sandbox sandbox) {
    Told told =
        store.transaction(
            call.principal(),
            tx ->
                new Told(issuer.keys(tx, sandbox.id()), AuthorizedKey.Table.of(tx, sandbox.id())));
    return SshRequest.newBuilder()
        .setWorkloadId(sandbox.id())
        .setHostKey(ByteString.copyFrom(told.keys().host().seed()))
        .setHostCertificate(Issuer.host(told.keys(), sandbox).line())
        .setAuthority(told.keys().authority().key("").line())
        .setPrincipal(Issuer.principal(sandbox.id()))
        .addAllAuthorizedKeys(told.authorized().stream().map(AuthorizedKey::publicKey).toList())
        .build();
  }
}

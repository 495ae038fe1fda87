package com.atoll.server.toolservers;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.identity.Identity;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.secrets.Vault;
import com.atoll.server.store.Store;
import java.util.List;

/** Tool servers and their catalogue over HTTP. */
public final class ToolServersCapability implements Capability {
  private static final String READ = "connections:read";
  private static final String WRITE = "connections:write";
  private static final String ONE = "/mcp-servers/:id";
  private static final String ENTRY = "/mcp-catalog/:slug";

  private final ToolServers servers;
  private final Installer installer;

  /** The tool servers of a store; programs among them are tried in sandboxes of the caller. */
  public ToolServersCapability(
      Store store, Vault vault, Identity identity, Outbound outbound, InnerCalls inner) {
    servers = new ToolServers(store, vault, identity, outbound, inner);
    installer = new Installer(store, new Catalogue(), servers);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        one(Operation.get("/mcp-servers"), "servers.list", "Lists tool servers, newest first.")
            .scope(READ)
            .ofWholeOrganization()
            .list(Views.ServerView.class)
            .query("workspace_id", "Only those of this workspace, by id, slug or name.")
            .query("status", "Only those that are untested, ready or error.")
            .handle(servers::list),
        one(Operation.post("/mcp-servers"), "servers.create", "Registers a tool server.")
            .scope(WRITE)
            .ofWholeOrganization()
            .idempotency(Idempotency.KEY)
            .request(Views.NewServer.class)
            .response(Views.ServerView.class, Envelope.DATA)
            .status(201)
            .errors(ErrorCode.NAME_TAKEN, ErrorCode.QUOTA_EXCEEDED, ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(servers::create),
        one(Operation.get(ONE), "servers.get", "Shows a tool server.")
            .scope(READ)
            .ofWholeOrganization()
            .response(Views.ServerView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(servers::get),
        one(Operation.patch(ONE), "servers.update", "Changes a tool server.")
            .scope(WRITE)
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .request(Views.ServerChange.class)
            .response(Views.ServerView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.NAME_TAKEN)
            .handle(servers::update),
        one(Operation.delete(ONE), "servers.delete", "Removes a tool server.")
            .scope(WRITE)
            .ofWholeOrganization()
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND)
            .run(servers::delete),
        one(
                Operation.post(ONE + "/test"),
                "servers.test",
                "Reaches a tool server and lists its tools; a program is run in a sandbox that lives"
                    + " only for it.")
            .scope(WRITE)
            .ofWholeOrganization()
            .idempotency(Idempotency.NEVER)
            .outside()
            .response(Views.TestView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(servers::test),
        one(Operation.get("/mcp-catalog"), "catalog.list", "Lists ready-made tool servers.")
            .scope(READ)
            .query("workspace_id", "Whose servers count as added; all of them when absent.")
            .response(Views.CatalogView.class, Envelope.FLAT)
            .handle(installer::list),
        one(
                Operation.post(ENTRY + "/test"),
                "catalog.test",
                "Tries a ready-made tool server with these values, and keeps nothing.")
            .scope(WRITE)
            .idempotency(Idempotency.NEVER)
            .outside()
            .request(Views.TryEntry.class)
            .response(Views.TestView.class, Envelope.DATA)
            .errors(ErrorCode.NOT_FOUND)
            .handle(installer::test),
        one(
                Operation.post(ENTRY + "/install"),
                "catalog.install",
                "Registers a ready-made tool server.")
            .scope(WRITE)
            .ofWholeOrganization()
            .idempotency(Idempotency.KEY)
            .request(Views.InstallEntry.class)
            .response(Views.Installed.class, Envelope.FLAT)
            .status(201)
            .errors(
                ErrorCode.NOT_FOUND,
                ErrorCode.NAME_TAKEN,
                ErrorCode.QUOTA_EXCEEDED,
                ErrorCode.WORKSPACE_NOT_FOUND)
            .handle(installer::install));
  }

  private static OperationBuilder<NoBody, NoBody> one(
      OperationBuilder<NoBody, NoBody> declared, String id, String summary) {
    return declared.id("mcp." + id).summary(summary).priority("P3");
  }
}

package com.atoll.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.atoll.server.http.Operation;
import com.atoll.server.store.Store;
import com.atoll.server.testing.Installations;
import com.atoll.server.testing.TestPostgres;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * That for every operation it is said why a key of one end user may ask for it, or that it may not.
 */
final class ConfinementTest {
  /** The tables that operations work on, whose policies confine such a key to its own rows. */
  private static final Map<String, List<String>> OWN =
      Map.ofEntries(
          Map.entry("actions.approvals", List.of("action_approvals")),
          Map.entry("actions.receipts", List.of("action_receipts")),
          Map.entry("activity", List.of("events")),
          Map.entry("alerts", List.of("events")),
          Map.entry("audit", List.of("audit_log")),
          Map.entry("bulk", List.of("bulk_jobs", "sandboxes")),
          Map.entry(
              "deployments", List.of("deployments", "deployment_versions", "deployment_instances")),
          Map.entry("domains", List.of("custom_domains")),
          Map.entry(
              "egress",
              List.of(
                  "egress_policies",
                  "egress_rules",
                  "egress_secrets",
                  "egress_bindings",
                  "egress_audit",
                  "egress_oauth_flows")),
          Map.entry("events", List.of("events", "event_subscriptions", "webhook_deliveries")),
          Map.entry("keys", List.of("api_keys")),
          Map.entry("named_snapshots", List.of("named_snapshots", "snapshots")),
          Map.entry("notifications", List.of("events")),
          Map.entry("projects", List.of("projects")),
          Map.entry("sandboxes", List.of("sandboxes", "sandbox_batches", "previews", "ssh_keys")),
          Map.entry("snapshots", List.of("snapshots")),
          Map.entry("tokens", List.of("tokens")),
          Map.entry("usage", List.of("usage_records", "usage_days", "usage_months")),
          Map.entry("volumes", List.of("volumes", "volume_attachments")),
          Map.entry("webhooks", List.of("webhooks", "webhook_deliveries")),
          Map.entry("workspaces.sandboxes", List.of("sandboxes")),
          Map.entry("workspaces.deployments", List.of("deployments")));

  /** Why there is nothing to confine. */
  private static final Map<String, String> OPEN =
      Map.ofEntries(
          Map.entry("account", "concerns the person who logged in; a key is none"),
          Map.entry("actions", "policies and grants are for those who manage; the rest is asked"),
          Map.entry("billing", "tells what creates may cost, or is for those who manage"),
          Map.entry("budgets", "for those who manage"),
          Map.entry("compute", "the same for everybody"),
          Map.entry("credits_admin", "for operators"),
          Map.entry("dashboard", "counts what the caller sees"),
          Map.entry("e2b", "asks the other operations"),
          Map.entry("health", "the same for everybody"),
          Map.entry("keys.presets.list", "lists of names of scopes, which are public"),
          Map.entry("keys.service_accounts", "for those who manage"),
          Map.entry("maintenance", "for operators"),
          Map.entry("mcp", "asks the other operations"),
          Map.entry("mcp.catalog", "comes with the program; what is tried is kept nowhere"),
          Map.entry("operations", "finds what the other operations would show"),
          Map.entry("organizations", "name and plan, which whoami tells"),
          Map.entry("projects.capabilities", "the same for everybody"),
          Map.entry("projects.templates.list", "the same for everybody"),
          Map.entry("projects.templates.get", "the same for everybody"),
          Map.entry("quotas", "for those who manage; an end user reads its own"),
          Map.entry("templates", "read by all of the organization, changed by none of its parts"),
          Map.entry("usage.workspace", "sums over what the caller sees"),
          Map.entry("workspaces.computers", "there are none"),
          Map.entry("workspaces.databases", "there are none"));

  @Test
  void everyOperationIsOfTheOrganizationOrConfined(@TempDir Path folder) throws Exception {
    Map<String, String> unsaid = new TreeMap<>();
    Set<String> used = new HashSet<>();
    for (Operation<?, ?> operation :
        new Platform(Installations.in(folder, folder)).registry().operations()) {
      Operation.Declaration d = operation.declaration();
      if (d.access() != Operation.Access.CREDENTIAL || d.ofWhole() || !d.implemented()) {
        continue;
      }
      String said = said(d.id());
      if (said == null) {
        unsaid.put(d.id(), d.method() + " " + d.path());
      } else {
        used.add(said);
      }
    }
    assertEquals(
        Map.of(), unsaid, "say of these that they are of the whole organization, or why not");
    assertEquals(
        List.of(),
        Stream.concat(OWN.keySet().stream(), OPEN.keySet().stream())
            .filter(name -> !used.contains(name))
            .sorted()
            .toList(),
        "no operation is meant");
  }

  /** The longest beginning of an id that something is said of. */
  private static @Nullable String said(String id) {
    String name = id;
    while (!OWN.containsKey(name) && !OPEN.containsKey(name)) {
      int dot = name.lastIndexOf('.');
      if (dot < 0) {
        return null;
      }
      name = name.substring(0, dot);
    }
    return name;
  }

  @Test
  void tablesOfConfinedOperationsConfine() throws Exception {
    try (Store store = Store.of(TestPostgres.get().installation())) {
      store.migrate();
      Set<String> confining =
          Set.copyOf(
              store.system(tx ->
                  tx.sql()
                      .fetch(
                          """
                          select relname from pg_class c join pg_policy p on p.polrelid = c.oid
                          where polname = 'tenant'
                            and pg_get_expr(polqual, polrelid) like '%atoll.external_user%'\
                          """)
                      .getValues(0, String.class)));
      assertEquals(
          List.of(),
          OWN.values().stream()
              .flatMap(List::stream)
              .filter(table -> !confining.contains(table))
              .sorted()
              .toList());
    }
  }
}

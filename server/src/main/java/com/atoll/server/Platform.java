package com.atoll.server;

import com.atoll.platform.Installation;
import com.atoll.server.accounts.AccountsApi;
import com.atoll.server.activity.ActivityCapability;
import com.atoll.server.audit.AuditCapability;
import com.atoll.server.authority.Authority;
import com.atoll.server.authority.AuthorityApi;
import com.atoll.server.billing.BillingApi;
import com.atoll.server.billing.UsageCounts;
import com.atoll.server.deployments.DeploymentsCapability;
import com.atoll.server.docs.DocsApi;
import com.atoll.server.events.EventsApi;
import com.atoll.server.events.Feed;
import com.atoll.server.health.HealthApi;
import com.atoll.server.http.Capability;
import com.atoll.server.http.HttpServer;
import com.atoll.server.http.InnerCalls;
import com.atoll.server.http.OpenAnswers;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Registry;
import com.atoll.server.http.StoredAnswers;
import com.atoll.server.identity.IdentityApi;
import com.atoll.server.identity.KeyAuthenticator;
import com.atoll.server.keys.KeysApi;
import com.atoll.server.limits.StoredBudgets;
import com.atoll.server.mcp.McpApi;
import com.atoll.server.members.MembersApi;
import com.atoll.server.outbound.Outbound;
import com.atoll.server.policies.Policies;
import com.atoll.server.policies.PoliciesApi;
import com.atoll.server.projects.ProjectsApi;
import com.atoll.server.projecttemplates.ProjectTemplatesCapability;
import com.atoll.server.sandboxes.SandboxesCapability;
import com.atoll.server.secrets.Derived;
import com.atoll.server.secrets.Vault;
import com.atoll.server.settings.SettingsApi;
import com.atoll.server.snapshots.SnapshotsCapability;
import com.atoll.server.store.Recorder;
import com.atoll.server.store.Store;
import com.atoll.server.tokens.Revocations;
import com.atoll.server.tokens.ScopeNames;
import com.atoll.server.tokens.Tickets;
import com.atoll.server.tokens.Tokens;
import com.atoll.server.tokens.TokensApi;
import com.atoll.server.toolservers.ToolServersCapability;
import com.atoll.server.usage.Prices;
import com.atoll.server.usage.UsageCapability;
import com.atoll.server.volumes.VolumesCapability;
import com.atoll.server.webhooks.WebhooksCapability;
import com.atoll.server.workspaces.WorkspacesCapability;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Everything of the control plane, wired by hand. Making it opens nothing; starting it does. */
public final class Platform implements AutoCloseable {
  private final Store store;
  private final UsageCapability usage;
  private final List<Capability> capabilities = new ArrayList<>();
  private final Workloads workloads;
  private final Registry registry;
  private final HttpServer http;
  private final Recorder recorder;
  private final Revocations revocations;
  private final Maintenance maintenance;
  private final Outbound outbound;

  /** The platform of an installation. */
  public Platform(Installation installation) {
    this(installation, List.of());
  }

  /**
   * The platform of an installation with more capabilities than its own; for tests of the kernel.
   */
  Platform(Installation installation, List<Capability> more) {
    store = Store.of(installation);
    Vault vault = Vault.of(installation);
    StoredAnswers answers = new StoredAnswers(store, vault);
    KeyAuthenticator keys = new KeyAuthenticator(store, Clock.systemUTC());
    Tokens tokens = new Tokens(store, keys, Derived.key(installation, "tokens"));
    Tickets tickets = new Tickets(store, tokens);
    OpenAnswers open = new OpenAnswers();
    Authority authority =
        new Authority(store, IdentityApi.identity(), () -> registry().operations());
    recorder = new Recorder(store);
    StoredBudgets budgets = new StoredBudgets(store);
    Policies policies = new Policies(store);
    AccountsApi accounts = new AccountsApi(store, vault, keys);
    Feed feed = new Feed(store, installation.databaseUrl() == null ? 250 : 1_000);
    List<UsageCounts> counts = new ArrayList<>();
    outbound = new Outbound(installation);

    capabilities.add(new HealthApi(installation, store));
    InnerCalls inner = new InnerCalls();
    ScopeNames scopes = new ScopeNames(this::scopes, this::areas);
    IdentityApi identity = new IdentityApi(store, inner);
    capabilities.add(identity);
    KeysApi keysApi = new KeysApi(store, answers, keys, scopes);
    capabilities.add(keysApi);
    TokensApi tokensApi = new TokensApi(store, tickets, tokens, scopes);
    capabilities.add(tokensApi);
    AuthorityApi authorityApi = new AuthorityApi(store, authority);
    capabilities.add(authorityApi);
    capabilities.add(new AuditCapability(store));
    capabilities.add(new McpApi(installation, authority, () -> registry().operations()));
    capabilities.add(new MembersApi(store, keys, keysApi.ofMembers()));
    capabilities.add(accounts);
    PoliciesApi policiesApi =
        new PoliciesApi(
            store,
            policies,
            () -> {
              keys.forget();
              budgets.forget();
            });
    capabilities.add(policiesApi);
    identity.onEnd(policiesApi.ofWorkspaces());
    capabilities.add(new SettingsApi(store));
    capabilities.add(new ProjectsApi(store, vault, IdentityApi.identity()));
    EventsApi events = new EventsApi(feed);
    capabilities.add(events);
    WebhooksCapability webhooks = new WebhooksCapability(outbound, store, vault, feed);
    capabilities.add(webhooks);
    ActivityCapability activity = new ActivityCapability(store, events);
    capabilities.add(activity);
    capabilities.add(new BillingApi(store, counts));
    capabilities.add(new DocsApi(this::registry));
    usage = new UsageCapability(store, Prices.of(installation));
    capabilities.add(usage);
    capabilities.add(
        new ToolServersCapability(store, vault, IdentityApi.identity(), outbound, inner));
    capabilities.add(new ProjectTemplatesCapability(store, vault, inner));
    workloads =
        new Workloads(
            installation,
            store,
            vault,
            IdentityApi.identity(),
            policies,
            policiesApi.setter(),
            events,
            usage,
            outbound,
            tokens,
            inner,
            authority);
    capabilities.addAll(workloads.capabilities());
    capabilities.add(
        new WorkspacesCapability(
            store, IdentityApi.identity(), workloads.sandboxes(), usage, inner));
    identity.onEnd(workloads::ends);
    counts.add(SandboxesCapability::count);
    counts.add(DeploymentsCapability::count);
    counts.add(VolumesCapability::count);
    counts.add(SnapshotsCapability::count);
    capabilities.addAll(more);

    List<Operation<?, ?>> operations = new ArrayList<>();
    capabilities.forEach(c -> operations.addAll(c.operations()));
    registry = Registry.of(operations);
    http =
        new HttpServer(
            installation.serverSocket(),
            registry,
            tickets,
            budgets,
            answers,
            authority,
            recorder,
            open,
            inner);
    maintenance =
        new Maintenance(
            List.of(
                answers::sweep,
                tickets::sweep,
                feed::sweep,
                budgets::sweep,
                accounts::sweep,
                usage::sweep,
                workloads::sweep,
                webhooks::sweep,
                activity::sweep,
                authorityApi::sweep,
                tokensApi::sweep));
    revocations = new Revocations(store, feed, open, workloads::forgetGrants);
  }

  /** All operations. */
  public Registry registry() {
    return registry;
  }

  /** All scopes that operations name. */
  private Set<String> scopes() {
    return registry().operations().stream()
        .map(operation -> operation.declaration().scope())
        .filter(Objects::nonNull)
        .collect(Collectors.toSet());
  }

  /** What the paths of operations begin with. */
  private Set<String> areas() {
    return registry().operations().stream()
        .map(operation -> operation.declaration().path().split("/", 3)[1])
        .filter(area -> area.matches("[a-z][a-z-]*"))
        .collect(Collectors.toSet());
  }

  /** The store, for tests and measurements that look behind the API. */
  public Store store() {
    return store;
  }

  /** Metering, for measurements. */
  public UsageCapability usage() {
    return usage;
  }

  /** The part that deals with machines, for tests that look behind the API. */
  Workloads workloads() {
    return workloads;
  }

  /** Begins to answer and to work. */
  public void start() throws Exception {
    store.start();
    capabilities.forEach(Capability::start);
    recorder.start();
    revocations.start();
    maintenance.start();
    http.start();
  }

  /** Waits until the platform has ended. */
  public void join() throws InterruptedException {
    http.join();
  }

  @Override
  public void close() {
    http.close();
    revocations.close();
    recorder.close();
    maintenance.close();
    capabilities.reversed().forEach(Capability::close);
    workloads.close();
    outbound.close();
    store.close();
  }
}

package com.atoll.server.egress;

import com.atoll.node.v1.Flow;
import com.atoll.node.v1.NodeEvent;
import com.atoll.server.machines.NodeWatch;
import com.atoll.server.routes.RouteRequests.EgressCall;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what went past the egress proxy, or was to: databases, ssh, whatever is not HTTP on
 * port 80 or TLS on port 443. The node says what the kernel did, the policy says why.
 */
final class Passing implements NodeWatch.Listener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Passing.class);

  /** The node tells about once a second. */
  private static final int MOST_WAITING = 100;

  private static final int TLS = 443;

  private final AuditLog audit;
  private final Sandboxes sandboxes;
  private final Book book;
  private final BlockingQueue<NodeEvent> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Thread writer = Thread.ofVirtual().name("egress-passing").unstarted(this::run);

  Passing(AuditLog audit, Sandboxes sandboxes, Book book) {
    this.audit = audit;
    this.sandboxes = sandboxes;
    this.book = book;
  }

  void start() {
    writer.start();
  }

  @Override
  public void onEvent(NodeEvent event) {
    if (event.hasFlowsSeen() && !waiting.offer(event)) {
      LOG.warn(
          "{} calls of sandboxes were not written down.", event.getFlowsSeen().getFlowsCount());
    }
  }

  /** What was missed is not told again. */
  @Override
  public void reconcile() {}

  private void run() {
    try {
      while (true) {
        NodeEvent event = waiting.take();
        List<Flow> flows = event.getFlowsSeen().getFlowsList();
        audit.write(flows.stream().map(flow -> call(flow, event.getAtUnixMs())).toList());
      }
    } catch (InterruptedException closed) {
      LOG.debug("Nothing is written down any more.");
    }
  }

  private EgressCall call(Flow flow, long atUnixMs) {
    Effective effective =
        sandboxes.living(flow.getWorkloadId()).map(book::of).orElse(Effective.NONE);
    Outcome outcome = Outcome.of(effective, flow);
    Policy policy = effective.policy();
    return new EgressCall(
        flow.getWorkloadId(),
        atUnixMs,
        outcome.action(),
        outcome.action().equals("allow") ? "allow" : "deny",
        flow.getProtocol(),
        flow.getAddress(),
        "",
        "",
        0,
        outcome.reason(),
        policy == null ? "" : policy.id(),
        outcome.ruleId(),
        Math.max(0, flow.getCount() - 1),
        flow.getPort());
  }

  @Override
  public void close() {
    writer.interrupt();
  }

  /** What was done, why, and by which rule; empty where there is nothing to say. */
  record Outcome(String action, String reason, String ruleId) {
    static Outcome of(Effective effective, Flow flow) {
      Rule rule = rule(effective, flow.getAddress());
      String id = rule == null ? "" : rule.id();
      return switch (flow.getPassage()) {
        case PASSED ->
            effective.enforce() || allows(effective, rule)
                ? new Outcome("allow", "", rule != null && rule.allow() ? id : "")
                : new Outcome("would_deny", reason(rule), id);
        case KEPT ->
            flow.getPort() == TLS && (!effective.enforce() || allows(effective, rule))
                ? new Outcome("deny", "EGRESS_PROTOCOL_NOT_ALLOWED", "")
                : new Outcome("deny", reason(rule), id);
        default -> new Outcome("deny", "EGRESS_ADDRESS_NOT_ALLOWED", "");
      };
    }

    /** The first rule that speaks of the address, or of everything; null when none does. */
    private static @Nullable Rule rule(Effective effective, String address) {
      long called = AddressRange.of("address", address).first();
      for (Rule rule : effective.rules()) {
        if (rule.isForEverything()
            || (AddressRange.isStored(rule.host())
                && AddressRange.of("host", rule.host()).contains(called))) {
          return rule;
        }
      }
      return null;
    }

    /** As the kernel has it: a rule for every host opens no more than the proxy's two ports. */
    private static boolean allows(Effective effective, @Nullable Rule rule) {
      return (rule == null || rule.isForEverything()) ? effective.defaultAllow() : rule.allow();
    }

    private static String reason(@Nullable Rule rule) {
      return rule != null && rule.isForEverything() && rule.allow()
          ? "EGRESS_PORT_NOT_ALLOWED"
          : "EGRESS_HOST_NOT_ALLOWED";
    }
  }
}

package com.atoll.edge.egress;

import com.atoll.edge.dns.Answerer;
import com.atoll.edge.dns.Lookup;
import com.atoll.edge.routes.Route;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The resolver of guarded sandboxes. A name that no rule opens is not asked for anywhere; its
 * address is the door itself, so that the caller is told why.
 */
final class GuardedResolver implements Answerer {
  private static final long TELL_AGAIN = 60_000_000_000L;
  private static final int TOLD = 4_096;

  private final Callers callers;
  private final Answerer resolver;
  private final Inet4Address door;
  private final Audit audit;
  private final Map<String, Long> told =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > TOLD;
        }
      };

  GuardedResolver(Callers callers, Answerer resolver, Inet4Address door, Audit audit) {
    this.callers = callers;
    this.resolver = resolver;
    this.door = door;
    this.audit = audit;
  }

  @Override
  public byte @Nullable [] answer(byte[] query, InetAddress client, boolean tcp) {
    Lookup lookup = Lookup.read(query);
    if (lookup == null) {
      return null;
    }
    Route.Egress policy = callers.await(client);
    if (policy == null) {
      return lookup.failed();
    }
    if (policy.enforce() && lookup.isAddress() && Requests.normal(lookup.name(), 53) == null) {
      return lookup.unknown();
    }
    Verdict verdict = Decider.name(policy, lookup.name());
    if (!verdict.denies() || !policy.enforce() || lookup.isLocal()) {
      // The other types name ways around the name in TLS and in HTTP.
      return lookup.isServiceBinding() ? lookup.nothing() : resolver.answer(query, client, tcp);
    }
    if (isNew(policy.sandboxId() + ' ' + lookup.name())) {
      audit.refused(
          policy, new Audit.Call("dns", lookup.name(), "", ""), verdict, verdict.refusal());
    }
    return lookup.isAddress() ? lookup.at(door) : lookup.nothing();
  }

  private synchronized boolean isNew(String what) {
    long now = System.nanoTime();
    Long last = told.get(what);
    if (last != null && now - last < TELL_AGAIN) {
      return false;
    }
    told.remove(what);
    told.put(what, now);
    return true;
  }
}

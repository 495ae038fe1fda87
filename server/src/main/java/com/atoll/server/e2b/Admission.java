package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.Ids;
import com.atoll.model.KeyId;
import com.atoll.model.Principal;
import com.atoll.model.Role;
import com.atoll.model.SandboxState;
import com.atoll.node.v1.Owner;
import com.atoll.server.http.Call;
import com.atoll.server.http.Gate;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Lets a call into the sandbox whose token it shows. */
final class Admission {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> SCOPES =
      Set.of("sandboxes:read", "sandboxes:write", "sandboxes:exec");
  private static final long NEWS_NANOS = 1_000_000_000;
  private static final long LOOK_NANOS = 20_000_000;

  private final Sandboxes sandboxes;
  private final AccessTokens tokens;
  private final Gate gate;
  private final Accounts accounts;

  Admission(Sandboxes sandboxes, AccessTokens tokens, Gate gate, Accounts accounts) {
    this.accounts = accounts;
    this.sandboxes = sandboxes;
    this.tokens = tokens;
    this.gate = gate;
  }

  /** The sandbox that a call may use, and no other. */
  final class Guest {
    private final Sandbox sandbox;

    private Guest(Sandbox sandbox) {
      this.sandbox = sandbox;
    }

    String id() {
      return sandbox.id();
    }

    /** The user of this name; null and empty for the usual one. */
    Home.User user(@Nullable String name) {
      return isOwnTemplate() ? Home.user(name, sandboxes.app(sandbox)) : Home.user(name);
    }

    /**
     * The same, as the sandbox itself knows it: where it is at home, and whom its files belong to.
     * Refused where the sandbox has no such user.
     */
    Home.User owner(@Nullable String name) {
      Home.User user = user(name);
      if (!user.account().isEmpty()) {
        Accounts.Account known = awake(id -> accounts.require(id, user.account()));
        return user.as(known, !isOwnTemplate());
      }
      return Home.isRoot(name) ? user.owning(Owner.getDefaultInstance()) : user;
    }

    /** What the SDKs promise to everything that runs inside. */
    Map<String, String> variables() {
      Map<String, String> variables = new LinkedHashMap<>();
      variables.put("E2B_SANDBOX", "true");
      variables.put("E2B_SANDBOX_ID", Names.shown(id()));
      variables.put("E2B_TEMPLATE_ID", sandboxes.templateSlug(sandbox));
      return variables;
    }

    /**
     * Whether the sandbox has ended, when what ran in it broke off. The news may come a moment
     * later, which is waited for: the SDKs ask at once.
     */
    boolean ends() {
      long end = System.nanoTime() + NEWS_NANOS;
      while (System.nanoTime() < end && runs() && !Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      return !runs();
    }

    private boolean runs() {
      return sandboxes.living(id()).filter(now -> now.state() == SandboxState.RUNNING).isPresent();
    }

    private boolean isOwnTemplate() {
      return Ids.is("tpl", sandbox.templateId());
    }

    /** Does something with the sandbox while it runs. */
    <T> T awake(Function<String, T> work) {
      return sandboxes.awake(principal(sandbox), sandbox.id(), now -> work.apply(now.id()));
    }
  }

  /** Whoever shows a token may do what a user may, and no policy of the organization less. */
  private static Principal principal(Sandbox sandbox) {
    return new Principal(
        sandbox.org(), new KeyId(sandbox.owner().keyId()), Role.USER, SCOPES, 0, null);
  }

  private Guest guest(Sandbox sandbox, String operation) {
    Sandbox usable = running(sandbox);
    gate.require(principal(usable), operation);
    return new Guest(usable);
  }

  /**
   * Lets in who shows the token.
   *
   * @param operation the operation of our own wire that does the same
   */
  Guest admit(Call call, String operation) {
    Sandbox sandbox = named(call);
    if (!tokens.opens(sandbox.id(), call.header("X-Access-Token"))) {
      throw AtollException.withMessage(
          ErrorCode.UNAUTHORIZED, "X-Access-Token is not the token of this sandbox.");
    }
    return guest(sandbox, operation);
  }

  /**
   * Lets in who shows the token, or the one for traffic: the SDKs show no other where they manage
   * contexts of code.
   */
  Guest admitToCode(Call call) {
    Sandbox sandbox = named(call);
    if (!tokens.opens(sandbox.id(), call.header("X-Access-Token"))
        && !tokens.letsThrough(sandbox.id(), call.header("E2B-Traffic-Access-Token"))) {
      throw AtollException.withMessage(
          ErrorCode.UNAUTHORIZED, "X-Access-Token is not the token of this sandbox.");
    }
    return guest(sandbox, "sandboxes.run_code");
  }

  /**
   * Lets in who shows the token, or a link to this file that was signed with it.
   *
   * @param operation {@code read} or {@code write}
   */
  Guest admitToFile(Call call, String operation) {
    String signature = call.query("signature");
    String ours = operation.equals("read") ? "sandboxes.files.read" : "sandboxes.files.write";
    if (signature == null || call.header("X-Access-Token") != null) {
      return admit(call, ours);
    }
    Sandbox sandbox = named(call);
    boolean signed =
        tokens.signed(
            sandbox.id(),
            operation,
            orEmpty(call.query("path")),
            orEmpty(call.query("username")),
            call.query("signature_expiration"),
            signature);
    if (!signed) {
      throw AtollException.withMessage(
          ErrorCode.UNAUTHORIZED, "The signature of this link is wrong, or its time is over.");
    }
    return guest(sandbox, ours);
  }

  /** The sandbox of a call that shows no token, when it runs. */
  Sandbox seen(Call call) {
    return running(named(call));
  }

  private Sandbox named(Call call) {
    String header = call.header("E2b-Sandbox-Id");
    String shown = call.hasPath("sandbox") ? call.rawPath("sandbox") : orEmpty(header);
    Optional<Sandbox> known = sandboxes.anybodys(Names.sandbox(shown));
    return known.orElseThrow(Admission::gone);
  }

  /** One that is paused is gone to the SDKs, unless it was to wake up by itself. */
  private static Sandbox running(Sandbox sandbox) {
    boolean usable =
        switch (sandbox.state()) {
          case RUNNING, CREATING -> true;
          case PAUSED -> Shown.autoResume(JSON.valueToTree(sandbox.metadata()));
          case ERROR, DESTROYED -> false;
        };
    if (!usable) {
      throw gone();
    }
    return sandbox;
  }

  private static AtollException gone() {
    return AtollException.withMessage(
        ErrorCode.SANDBOX_NOT_RUNNING, "The sandbox was not found: it does not run.");
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}

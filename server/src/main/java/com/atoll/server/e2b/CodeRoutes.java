package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.EnvName;
import com.atoll.model.ErrorCode;
import com.atoll.server.code.Cell;
import com.atoll.server.code.Interpreters;
import com.atoll.server.code.Language;
import com.atoll.server.e2b.Admission.Guest;
import com.atoll.server.http.Call;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What is at port 49999 of a sandbox: cells of code, in contexts that keep their variables. */
final class CodeRoutes {
  /** The longest request, in bytes. */
  static final int LONGEST = Connect.LONGEST;

  private static final int MOST_VARIABLES = 512;

  /** The SDKs have the time-out and go away when it is over. */
  private static final long TIMEOUT_MS = TimeUnit.HOURS.toMillis(24);

  private static final long START_MS = TimeUnit.SECONDS.toMillis(60);

  private final Admission admission;
  private final Interpreters interpreters;
  private final Home home;
  private final KeptContexts kept;

  CodeRoutes(Admission admission, Interpreters interpreters, Home home, KeptContexts kept) {
    this.admission = admission;
    this.interpreters = interpreters;
    this.home = home;
    this.kept = kept;
  }

  /** Runs a cell; what it does is told line by line, in JSON. */
  void execute(Call call) throws IOException {
    Guest guest = admission.admitToCode(call);
    JsonNode asked = Connect.whole(call, LONGEST);
    String code = Fields.text(asked, "code");
    if (Fields.of(asked, "code").isMissingNode()) {
      throw AtollException.invalid("code", "is required");
    }
    String id = Fields.text(asked, "context_id");
    CodeContext context =
        id.isEmpty()
            ? CodeContext.usual(language(asked), Home.user((String) null).folder())
            : known(guest, id);
    Map<String, String> env = variables(asked, context.language());
    CodeStream stream = new CodeStream(call.raw(CodeStream.TYPE, OptionalLong.empty(), Map.of()));
    call.onDisconnect(stream::leave);
    stream.open();
    Cell cell;
    try {
      cell = run(guest, context, code, env, TIMEOUT_MS, stream);
    } catch (AtollException refused) {
      if (isBroken(refused)) {
        var _ = guest.ends();
        throw broken(refused);
      }
      stream.refused(refused);
      return;
    }
    if (cell.contextLost() && guest.ends()) {
      // Its processes ended a moment before the connection to them.
      throw broken(AtollException.of(ErrorCode.SANDBOX_NOT_RUNNING, guest.id()));
    }
    stream.end(cell);
  }

  /** No refusal, which would be an answer: of this one the head was sent. */
  private static UncheckedIOException broken(AtollException why) {
    return new UncheckedIOException(new IOException("the cell was lost with its sandbox", why));
  }

  /**
   * Whether the cell was lost with its sandbox. The answer breaks off then, as a connection to the
   * sandbox itself would: the SDKs ask whether it still runs, and an error of the cell would be
   * taken for one of its code.
   */
  private static boolean isBroken(AtollException e) {
    return switch (e.code()) {
      case NODE_UNAVAILABLE, SANDBOX_NOT_RUNNING, SANDBOX_NOT_FOUND, SANDBOX_DESTROYED -> true;
      default -> false;
    };
  }

  /** The context with this id, unless it was never made or has been removed. */
  private CodeContext known(Guest guest, String id) {
    CodeContext context = CodeContext.require(id);
    boolean there =
        context.isUsual()
            || guest.awake(
                sandbox -> kept.has(sandbox, context) || isLiving(sandbox, context.id()));
    if (!there) {
      throw CodeContext.notFound(id);
    }
    return context;
  }

  private boolean isLiving(String sandbox, String name) {
    return interpreters.list(sandbox).stream().anyMatch(one -> one.name().equals(name));
  }

  private Cell run(
      Guest guest,
      CodeContext context,
      String code,
      Map<String, String> env,
      long timeoutMs,
      Interpreters.Listener listener) {
    Map<String, String> begins = guest.variables();
    begins.put("HOME", Home.user((String) null).folder());
    return guest.awake(id -> {
      if (Home.isUsual(context.directory())) {
        home.prepare(id);
      }
      return interpreters.run(
          id,
          new Interpreters.Ask(
              context.language(),
              context.id(),
              context.directory(),
              begins,
              env,
              code,
              timeoutMs,
              true,
              true),
          listener);
    });
  }

  JsonNode create(Call call) throws IOException {
    Guest guest = admission.admitToCode(call);
    JsonNode asked = Connect.whole(call, LONGEST);
    String cwd = Home.user((String) null).path(Fields.textOrNull(asked, "cwd")).value();
    CodeContext context = CodeContext.make(language(asked), cwd);
    var _ =
        guest.awake(id -> {
          home.prepare(id);
          kept.add(id, context);
          return id;
        });
    begin(guest, context);
    return context.shown();
  }

  private void begin(Guest guest, CodeContext context) {
    Cell cell = run(guest, context, "", Map.of(), START_MS, Interpreters.Listener.NONE);
    if (cell.contextLost()) {
      throw AtollException.withMessage(ErrorCode.RESOURCE_STATE, "The context ended at its start.");
    }
  }

  JsonNode list(Call call) {
    Guest guest = admission.admitToCode(call);
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    guest
        .awake(interpreters::list)
        .forEach(one -> CodeContext.parse(one.name()).map(CodeContext::shown).ifPresent(all::add));
    return all;
  }

  void remove(Call call) {
    Guest guest = admission.admitToCode(call);
    CodeContext context = CodeContext.require(call.rawPath("context"));
    boolean there =
        guest.awake(id -> {
          boolean made = kept.remove(id, context);
          return interpreters.end(id, context.id()) || made;
        });
    if (!there) {
      throw CodeContext.notFound(context.id());
    }
  }

  void restart(Call call) {
    Guest guest = admission.admitToCode(call);
    CodeContext context = known(guest, call.rawPath("context"));
    var _ = guest.awake(id -> interpreters.end(id, context.id()));
    begin(guest, context);
  }

  private static Language language(JsonNode asked) {
    return Language.of(Fields.textOrNull(asked, "language"));
  }

  private static Map<String, String> variables(JsonNode asked, Language language) {
    JsonNode told = Fields.of(asked, "env_vars");
    if (told.size() > MOST_VARIABLES) {
      throw AtollException.invalid("env_vars", "must have at most " + MOST_VARIABLES + " entries");
    }
    Map<String, String> env = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> one : told.properties()) {
      if (!EnvName.isName(one.getKey())) {
        throw AtollException.invalid("env_vars", EnvName.RULE);
      }
      if (language == Language.BASH && !EnvName.isShellName(one.getKey())) {
        throw AtollException.invalid("env_vars", "has a name that a cell of bash cannot set");
      }
      String value = one.getValue().asString("");
      if (value.indexOf('\0') >= 0) {
        throw AtollException.invalid("env_vars", "must not hold NUL");
      }
      env.put(one.getKey(), value);
    }
    return env;
  }
}

package com.atoll.server.code;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.code.Contexts.Context;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Cells of code in contexts that keep their variables. */
public final class CodeCapability implements Capability {
  private static final int USUAL_SECONDS = 50;
  private static final int LONGEST_SECONDS = 3600;
  static final int MOST_CODE = 512 << 10;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  private final Sandboxes sandboxes;
  private final Interpreters interpreters;
  private final Contexts contexts;

  /** Cells in these sandboxes. */
  public CodeCapability(Sandboxes sandboxes, Interpreters interpreters) {
    this.sandboxes = sandboxes;
    this.interpreters = interpreters;
    contexts = interpreters.contexts();
  }

  /** A cell to run. */
  record Run(
      @Doc(value = "Program text.", max = CodeCapability.MOST_CODE) String code,
      @Doc("python (default), javascript or bash.") @Nullable String language,
      @Doc("Context whose variables it sees; default default.") @Nullable String context,
      @Doc("Seconds until it is interrupted; default 50.") @Nullable Double timeout) {}

  /** A context that lives. */
  record Session(
      @Doc("Language.") String language,
      @Doc("Name.") String context,
      @Doc("Process that runs it.") String pid,
      @Doc("When it began.") Instant startedAt) {}

  /** The contexts that live. */
  record Living(
      @Doc("Their names.") List<String> contexts, @Doc("What runs them.") List<Session> sessions) {}

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(
        declare(Operation.post("/sandboxes/:id/code/run"))
            .id("sandboxes.run_code")
            .summary("Runs one cell in an interpreter that lives on.")
            .rateGroup("sandboxes.exec")
            .idempotency(Idempotency.KEY)
            .errors(ErrorCode.TIMEOUT_TOO_LONG, ErrorCode.RESOURCE_STATE)
            .request(Run.class)
            .response(Cell.class, Envelope.FLAT_MIRROR)
            .handle(this::run),
        declare(Operation.get("/sandboxes/:id/code/contexts"))
            .id("sandboxes.code_contexts")
            .summary("Lists the interpreters that live; wakes no sandbox.")
            .query("language", "Only those of this language.")
            .response(Living.class, Envelope.FLAT_MIRROR)
            .handle(this::list),
        declare(Operation.delete("/sandboxes/:id/code"))
            .id("sandboxes.reset_code")
            .summary("Ends all interpreters.")
            .query("language", "Only those of this language.")
            .idempotency(Idempotency.NATURAL)
            .run(call -> end(call, null)),
        declare(Operation.delete("/sandboxes/:id/code/contexts/:context"))
            .id("sandboxes.reset_code_context")
            .summary("Ends one interpreter.")
            .query("language", "Only that of this language.")
            .idempotency(Idempotency.NATURAL)
            .run(call -> end(call, name(call.rawPath("context")))));
  }

  private static OperationBuilder<NoBody, NoBody> declare(
      OperationBuilder<NoBody, NoBody> operation) {
    return operation
        .priority("P2")
        .scope("sandboxes:exec")
        .outside()
        .errors(
            ErrorCode.SANDBOX_NOT_FOUND,
            ErrorCode.SANDBOX_DESTROYED,
            ErrorCode.SANDBOX_NOT_RUNNING,
            ErrorCode.NODE_UNAVAILABLE);
  }

  private Cell run(Call call, Run body) {
    Language language = Language.of(body.language());
    String context = body.context() == null ? "default" : name(body.context());
    long timeoutMs = timeoutMs(body.timeout());
    Interpreters.Ask cell =
        new Interpreters.Ask(
            language, context, null, Map.of(), Map.of(), body.code(), timeoutMs, false, false);
    Abandonable caller = new Abandonable();
    return call.attended(
        caller::leave,
        () ->
            sandboxes.awake(
                call.principal(),
                call.path("id"),
                sandbox -> interpreters.run(sandbox.id(), cell, caller).withErrorWritten()));
  }

  private Living list(Call call) {
    List<Context> living =
        sandboxes.look(call.principal(), call.path("id"), sandbox -> chosen(call, sandbox, null));
    return new Living(
        living.stream().map(Context::name).distinct().sorted().toList(),
        living.stream()
            .map(context ->
                new Session(
                    context.language().wire(),
                    context.name(),
                    Long.toString(context.process().getPid()),
                    Instant.ofEpochMilli(context.process().getStartedUnixMs())))
            .toList());
  }

  private void end(Call call, @Nullable String name) {
    select(call, name).forEach(contexts::end);
  }

  private List<Context> select(Call call, @Nullable String name) {
    return sandboxes.awake(
        call.principal(), call.path("id"), sandbox -> chosen(call, sandbox, name));
  }

  private List<Context> chosen(Call call, Sandbox sandbox, @Nullable String name) {
    Optional<Language> language = Language.asked(call.query("language"));
    return contexts.list(sandbox.id()).stream()
        .filter(context -> language.isEmpty() || language.get() == context.language())
        .filter(context -> name == null || name.equals(context.name()))
        .toList();
  }

  private static String name(String name) {
    if (!NAME.matcher(name).matches()) {
      throw AtollException.invalid(
          "context", "must be 1 to 64 letters, digits, dots, dashes and underscores");
    }
    return name;
  }

  private static long timeoutMs(@Nullable Double seconds) {
    if (seconds == null || seconds == 0) {
      return USUAL_SECONDS * 1000L;
    }
    if (seconds.isNaN() || seconds < 0) {
      throw AtollException.invalid("timeout", "must not be negative");
    }
    if (seconds > LONGEST_SECONDS) {
      throw AtollException.of(ErrorCode.TIMEOUT_TOO_LONG, LONGEST_SECONDS);
    }
    return Math.max(1, Math.round(seconds * 1000));
  }
}

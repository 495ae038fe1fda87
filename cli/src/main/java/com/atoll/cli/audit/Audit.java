package com.atoll.cli.audit;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Output.Column;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code atoll audit}: the group and its commands. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = "Read, export and verify the audit log.",
    footer = {
      "",
      "Examples:",
      "  atoll audit ls --action 'sandbox.*'",
      "  atoll audit export > audit.jsonl",
      "  atoll audit verify                        note the head that it prints",
      "  atoll audit verify --head HASH            and nothing before it was taken away"
    })
public final class Audit implements Runnable {
  private final CommandLine line = new CommandLine(this);

  private Audit() {}

  /** The group with all its commands. */
  public static CommandLine commands(Session session) {
    return new Audit()
        .line
        .addSubcommand(new ListEntries(session))
        .addSubcommand(new Export(session))
        .addSubcommand(new Verify(session));
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(line, "say which: atoll audit ls, export, verify");
  }

  @Command(name = "ls", aliases = "list", description = "Lists the latest entries.")
  private static final class ListEntries extends ApiCommand {
    @Option(names = "--action", description = "Only this action; a star at its end is anything.")
    private @Nullable String action;

    @Option(names = "--actor", paramLabel = "ID", description = "Only what this credential did.")
    private @Nullable String actor;

    @Option(names = "--resource", paramLabel = "ID", description = "Only what was done to this.")
    private @Nullable String resource;

    @Option(names = "--limit", description = "How many at most; 50 when absent.")
    private int limit = 50;

    private ListEntries(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      output()
          .table(
              api()
                  .get(
                      "/audit-log?limit="
                          + limit
                          + query("action", action)
                          + query("actor_id", actor)
                          + query("resource_id", resource)),
              Column.of("created_at", "actor_id", "action", "resource_id", "ip_address"),
              "no entries");
      return 0;
    }

    private static String query(String name, @Nullable String value) {
      return value == null ? "" : "&" + name + "=" + Api.escape(value);
    }
  }

  @Command(name = "export", description = "Writes the sealed log to standard output.")
  private static final class Export extends ApiCommand {
    @Option(names = "--csv", description = "As comma-separated values; else as lines of JSON.")
    private boolean csv;

    private Export(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      try (InputStream log =
          api().download("/audit-log/export?format=" + (csv ? "csv" : "jsonl"))) {
        log.transferTo(output().out());
        output().out().flush();
      } catch (IOException broken) {
        throw unreadable(broken);
      }
      return 0;
    }
  }

  @Command(
      name = "verify",
      description = {
        "Checks the whole chain here, not on the server, and names the first broken link.",
        "Exit code 0 when it holds, 1 when it is broken."
      })
  private static final class Verify extends ApiCommand {
    @Option(
        names = "--head",
        paramLabel = "HASH",
        description = "A head that was noted earlier; it must still be in the chain.")
    private @Nullable String head;

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "An export in lines of JSON, instead of the log of the API.")
    private @Nullable Path file;

    private Verify(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(open(), StandardCharsets.UTF_8))) {
        return tell(Chain.read(lines, head));
      } catch (IOException broken) {
        throw unreadable(broken);
      }
    }

    private InputStream open() throws IOException {
      return file == null
          ? api().download("/audit-log/export?format=jsonl")
          : Files.newInputStream(file);
    }

    private int tell(Chain chain) {
      String broken = chain.broken();
      ObjectNode answer = Json.object();
      answer.put("valid", broken == null);
      answer.put("links", chain.position());
      answer.put("head", chain.head());
      if (broken != null) {
        answer.put("broken", broken);
      }
      output()
          .result(
              answer,
              broken == null
                  ? "the chain holds: " + chain.position() + " links, head " + chain.head()
                  : "the chain is broken at " + broken);
      return broken == null ? 0 : 1;
    }
  }

  private static ApiException unreadable(IOException broken) {
    return new ApiException("UNREADABLE", "cannot read the log: " + broken.getMessage(), null);
  }
}

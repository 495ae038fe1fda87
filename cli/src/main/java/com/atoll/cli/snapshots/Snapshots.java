package com.atoll.cli.snapshots;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Group;
import com.atoll.cli.console.Listing;
import com.atoll.cli.console.Removal;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.http.Json;
import com.atoll.cli.sandboxes.Names;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code atoll snapshots}: the group and its commands. */
@Command(
    name = "snapshots",
    aliases = "snapshot",
    mixinStandardHelpOptions = true,
    description = "Keep the files of sandboxes as they are, and start others from them.",
    footer = {
      "",
      "A snapshot copies nothing, whatever the sandbox holds, and stays when the sandbox goes.",
      "",
      "Examples:",
      "  id=$(atoll snapshots create demo --comment 'before the upgrade')",
      "  atoll snapshots fork $id --count 3",
      "  atoll snapshots ls --sandbox demo",
      "  atoll snapshots rm $id"
    })
public final class Snapshots extends Group {
  private Snapshots() {}

  /** The group with all its commands. */
  public static CommandLine commands(Session session) {
    return new Snapshots()
        .with(
            List.of(
                new Show(session),
                new Create(session),
                new Fork(session),
                new Archive(session),
                new Ticket(session),
                new Import(session),
                new Remove(session)));
  }

  @Command(name = "ls", aliases = "list", description = "Lists snapshots, newest first.")
  private static final class Show extends Listing {
    @Option(names = "--sandbox", description = "Only those of this sandbox.")
    private @Nullable String sandbox;

    private Show(Session session) {
      super(
          session,
          "/snapshots?limit=100",
          "no snapshots; take one with `atoll snapshots create SANDBOX`",
          "id",
          "sandbox_id",
          "status",
          "comment",
          "size_bytes",
          "expires_at",
          "created_at");
    }

    @Override
    protected String query() {
      return sandbox == null ? "" : "&resource_id=" + Api.escape(Names.resolve(api(), sandbox));
    }
  }

  @Command(name = "create", description = "Keeps the files of a sandbox; prints the id.")
  private static final class Create extends ApiCommand {
    @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
    private String id = "";

    @Option(
        names = {"-m", "--comment"},
        description = "What it is for.")
    private @Nullable String comment;

    @Option(names = "--keep", description = "Never expires, newer ones never push it out.")
    private boolean keep;

    private Create(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      ObjectNode body = Json.object().put("keep", keep);
      if (comment != null) {
        body.put("comment", comment);
      }
      String path = "/sandboxes/" + Api.escape(Names.resolve(api(), id)) + "/snapshots";
      JsonNode made = Json.unwrap(api().post(path, body));
      output().result(made, Json.text(made, "id"));
      return 0;
    }
  }

  @Command(name = "fork", description = "Starts sandboxes from a snapshot; prints their ids.")
  private static final class Fork extends ApiCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = "Its id.")
    private String id = "";

    @Option(
        names = {"-n", "--count"},
        defaultValue = "1",
        description = "How many (${DEFAULT-VALUE}).")
    private int count;

    private Fork(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      String path = "/snapshots/" + Api.escape(id) + "/fork";
      for (int i = 0; i < count; i++) {
        JsonNode made = Json.unwrap(api().post(path, Json.object()));
        output().result(made, Json.text(made, "id"));
      }
      return 0;
    }
  }

  @Command(name = "archive", description = "Copies a snapshot off its machine.")
  private static final class Archive extends ApiCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = "Its id.")
    private String id = "";

    @Option(names = "--evict", description = "Its files leave the machine once the copy is whole.")
    private boolean evict;

    private Archive(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      String path = "/snapshots/" + Api.escape(id) + "/archive";
      JsonNode asked = Json.unwrap(api().post(path, Json.object().put("evict", evict)));
      output().result(asked, Json.text(asked, "id"));
      return 0;
    }
  }

  @Command(
      name = "ticket",
      description = "Prints a ticket with which another installation imports an archived snapshot.")
  private static final class Ticket extends ApiCommand {
    @Parameters(paramLabel = "SNAPSHOT", description = "Its id.")
    private String id = "";

    private Ticket(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      String path = "/snapshots/" + Api.escape(id) + "/ticket";
      JsonNode issued = Json.unwrap(api().post(path, Json.object()));
      output().result(issued, Json.text(issued, "ticket"));
      return 0;
    }
  }

  @Command(name = "import", description = "Imports an archived snapshot; prints its id here.")
  private static final class Import extends ApiCommand {
    @Parameters(paramLabel = "TICKET", description = "What `atoll snapshots ticket` printed there.")
    private String ticket = "";

    private Import(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      JsonNode begun =
          Json.unwrap(api().post("/snapshots/import", Json.object().put("ticket", ticket)));
      output().result(begun, Json.text(begun, "id"));
      return 0;
    }
  }

  @Command(name = "rm", aliases = "delete", description = "Deletes snapshots.")
  private static final class Remove extends Removal {
    private Remove(Session session) {
      super(session, "/snapshots");
    }
  }
}

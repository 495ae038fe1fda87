package com.atoll.cli.templates;

import com.atoll.cli.console.Group;
import com.atoll.cli.console.Listing;
import com.atoll.cli.console.Removal;
import com.atoll.cli.console.Session;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code atoll templates}: the group and its commands. */
@Command(
    name = "templates",
    aliases = "template",
    mixinStandardHelpOptions = true,
    description = "What sandboxes start from: the catalogue, and your own.",
    footer = {
      "",
      "A specification is a JSON file:",
      "  {\"from\": \"miosa-sandbox\", \"steps\": [{\"run\": \"pip install pandas\"}]}",
      "`from` also takes an image, {\"from\": \"debian:12\"}; steps that did not change are cached.",
      "`atoll api GET /sandbox-templates/build-spec` prints the whole schema.",
      "",
      "Examples:",
      "  atoll templates build pandas spec.json        follows the build to its end",
      "  atoll sandbox create --template pandas",
      "  atoll templates logs BUILD",
      "  atoll templates ls"
    })
public final class Templates extends Group {
  private Templates() {}

  /** The group with all its commands. */
  public static CommandLine commands(Session session) {
    return new Templates()
        .with(
            List.of(
                new Show(session),
                new Build(session),
                new Validate(session),
                new BuildLog(session),
                new Cancel(session),
                new Remove(session)));
  }

  @Command(name = "ls", aliases = "list", description = "Lists built-in and own templates.")
  private static final class Show extends Listing {
    private Show(Session session) {
      super(
          session,
          "/sandbox-templates",
          "no templates",
          "id",
          "slug",
          "status",
          "image_state",
          "preview_port",
          "description");
    }
  }

  @Command(
      name = "rm",
      aliases = "delete",
      description = "Deletes own templates that nothing stands on.")
  private static final class Remove extends Removal {
    private Remove(Session session) {
      super(session, "/sandbox-templates");
    }
  }
}

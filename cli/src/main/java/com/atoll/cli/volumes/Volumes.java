package com.atoll.cli.volumes;

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

/** {@code atoll volumes}: the group and its commands. */
@Command(
    name = "volumes",
    aliases = "volume",
    mixinStandardHelpOptions = true,
    description = "Files that outlive sandboxes and can be given to them while they run.",
    footer = {
      "",
      "Examples:",
      "  id=$(atoll volumes create data --size 10)",
      "  atoll volumes attach $id demo /data",
      "  atoll volumes detach $id demo",
      "  atoll volumes grow $id 20"
    })
public final class Volumes extends Group {
  private Volumes() {}

  /** The group with all its commands. */
  public static CommandLine commands(Session session) {
    return new Volumes()
        .with(
            List.of(
                new Show(session),
                new Create(session),
                new Attach(session),
                new Detach(session),
                new Grow(session),
                new Remove(session)));
  }

  @Command(name = "ls", aliases = "list", description = "Lists volumes.")
  private static final class Show extends Listing {
    private Show(Session session) {
      super(
          session,
          "/volumes?limit=100",
          "no volumes; make one with `atoll volumes create NAME --size GB`",
          "id",
          "name",
          "size_gb",
          "status",
          "access_mode",
          "attachment_count",
          "created_at");
    }
  }

  @Command(name = "create", description = "Makes a volume; prints its id.")
  private static final class Create extends ApiCommand {
    @Parameters(paramLabel = "NAME", description = "What to call it.")
    private String name = "";

    @Option(names = "--size", paramLabel = "GB", defaultValue = "1", description = "GiB; 1.")
    private int size;

    @Option(names = "--shared", description = "Several sandboxes may write to it at once.")
    private boolean shared;

    private Create(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      ObjectNode body = Json.object().put("name", name).put("size_gb", size);
      body.put("access_mode", shared ? "many_writers" : "one_writer");
      JsonNode made = Json.unwrap(api().post("/volumes", body));
      output().result(made, Json.text(made, "id"));
      return 0;
    }
  }

  @Command(name = "attach", description = "Gives a volume to a sandbox, which may run.")
  private static final class Attach extends ApiCommand {
    @Parameters(index = "0", paramLabel = "VOLUME", description = "Its id.")
    private String volume = "";

    @Parameters(index = "1", paramLabel = "SANDBOX", description = "Its id, slug or name.")
    private String sandbox = "";

    @Parameters(
        index = "2",
        arity = "0..1",
        paramLabel = "PATH",
        description = "Where it lies inside; /mnt/ID when absent.")
    private @Nullable String path;

    @Option(names = "--read-only", description = "The sandbox may only read it.")
    private boolean readOnly;

    private Attach(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      ObjectNode body = Json.object().put("volume_id", volume).put("read_only", readOnly);
      if (path != null) {
        body.put("mount_path", path);
      }
      JsonNode made = Json.unwrap(api().post(ofSandbox(api(), sandbox), body));
      output().result(made, Json.text(made, "mount_path"));
      return 0;
    }
  }

  @Command(name = "detach", description = "Takes a volume from a sandbox; its files stay.")
  private static final class Detach extends ApiCommand {
    @Parameters(index = "0", paramLabel = "VOLUME", description = "Its id.")
    private String volume = "";

    @Parameters(index = "1", paramLabel = "SANDBOX", description = "Its id, slug or name.")
    private String sandbox = "";

    private Detach(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      api().delete(ofSandbox(api(), sandbox) + "/" + Api.escape(volume));
      output().result(Json.object().put("detached", volume), "detached " + volume);
      return 0;
    }
  }

  @Command(name = "grow", description = "Lets a volume hold more, also while it is used.")
  private static final class Grow extends ApiCommand {
    @Parameters(index = "0", paramLabel = "VOLUME", description = "Its id.")
    private String volume = "";

    @Parameters(index = "1", paramLabel = "GB", description = "GiB that it may hold then.")
    private int size;

    private Grow(Session session) {
      super(session);
    }

    @Override
    public Integer call() {
      JsonNode now =
          Json.unwrap(
              api().patch("/volumes/" + Api.escape(volume), Json.object().put("size_gb", size)));
      output().result(now, volume + "  " + Json.text(now, "size_gb") + " GiB");
      return 0;
    }
  }

  @Command(name = "rm", aliases = "delete", description = "Deletes volumes and their files.")
  private static final class Remove extends Removal {
    private Remove(Session session) {
      super(session, "/volumes");
    }
  }

  private static String ofSandbox(Api api, String sandbox) {
    return "/sandboxes/" + Api.escape(Names.resolve(api, sandbox)) + "/volumes";
  }
}

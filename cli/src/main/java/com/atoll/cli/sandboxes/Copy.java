package com.atoll.cli.sandboxes;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.ApiException;
import com.atoll.cli.http.Json;
import java.nio.file.Files;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "cp",
    description = {
      "Copies files and folders between this machine and a sandbox, written SANDBOX:PATH.",
      "The contents of a folder become the contents of the target folder; a file goes into a",
      "target that is a folder, and through one that is a link, a device or a pipe."
    },
    footer = {
      "",
      "Examples:",
      "  atoll sandbox cp app.py demo:/workspace/",
      "  atoll sandbox cp ./site demo:/workspace/site --exclude node_modules",
      "  atoll sandbox cp demo:/workspace/out ./out"
    })
final class Copy extends ApiCommand {
  @Parameters(index = "0", paramLabel = "FROM", description = "PATH or SANDBOX:PATH.")
  private String from = "";

  @Parameters(index = "1", paramLabel = "TO", description = "PATH or SANDBOX:PATH.")
  private String to = "";

  @Option(names = "--exclude", paramLabel = "NAME", description = "Names left out, at any depth.")
  private List<String> exclude = List.of();

  Copy(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    ObjectNode result = Json.object();
    result.put("from", from).put("to", to);
    Place source = Place.parse(from);
    Place target = Place.parse(to);
    Upload.Copied copied;
    if (source instanceof Place.Local local && target instanceof Place.Remote remote) {
      if (!Files.exists(local.path())) {
        throw new ApiException("NO_SUCH_FILE", "no such file here: " + local.path(), null);
      }
      copied =
          new Upload(api(), Names.resolve(api(), remote.sandbox()))
              .copy(local.path(), remote.path(), exclude);
    } else if (source instanceof Place.Remote remote && target instanceof Place.Local local) {
      List<String> left =
          new Download(api(), Names.resolve(api(), remote.sandbox()))
              .copy(remote.path(), local.path());
      copied = new Upload.Copied(left, List.of());
    } else {
      throw new CommandLine.ParameterException(
          new CommandLine(this), "exactly one side must be SANDBOX:PATH");
    }
    List<String> skipped = copied.skipped();
    skipped.forEach(result.putArray("skipped")::add);
    copied.changed().forEach(result.putArray("changed")::add);
    copied.changed().forEach(name -> output().note("changed while it was copied: " + name));
    skipped.forEach(name -> output().note("not copied, as it is no file, folder or link: " + name));
    String rest = skipped.isEmpty() ? "" : ", without " + skipped.size() + " that cannot be copied";
    output().result(result, "copied " + from + " to " + to + rest);
    return skipped.isEmpty() ? 0 : 1;
  }
}

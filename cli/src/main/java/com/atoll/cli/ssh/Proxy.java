package com.atoll.cli.ssh;

import com.atoll.cli.console.ApiCommand;
import com.atoll.cli.console.Session;
import com.atoll.cli.http.Api;
import com.atoll.cli.sandboxes.Names;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code atoll ssh-proxy}: the way of ssh into a sandbox, as its ProxyCommand. */
@Command(
    name = "ssh-proxy",
    description = "Carries the bytes of ssh to a sandbox; meant to be ssh's ProxyCommand.",
    footer = {
      "",
      "In ~/.ssh/config, after `atoll sandbox ssh demo --authorize ~/.ssh/id_ed25519.pub`:",
      "  Host sbx_*",
      "    User root",
      "    ProxyCommand atoll ssh-proxy %%h"
    })
public final class Proxy extends ApiCommand {
  @Parameters(paramLabel = "SANDBOX", description = "Its id, slug or name.")
  private String id = "";

  /** Works in this session. */
  public Proxy(Session session) {
    super(session);
  }

  @Override
  public Integer call() {
    String path = "/sandboxes/" + Api.escape(Names.resolve(api(), id)) + "/ssh-tunnel";
    new Relay(session().input(), output().out()).run(listener -> api().tunnel(path, listener));
    return 0;
  }
}

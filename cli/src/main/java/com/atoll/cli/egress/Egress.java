package com.atoll.cli.egress;

import com.atoll.cli.console.Group;
import com.atoll.cli.console.Session;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code atoll egress}: the group and its commands. */
@Command(
    name = "egress",
    mixinStandardHelpOptions = true,
    description = "What sandboxes may reach on the internet, and the secrets put into their calls.",
    footer = {
      "",
      "Without --sandbox and --workspace a command is about the whole organization. Changes hold",
      "at once, also for sandboxes that run.",
      "",
      "Examples:",
      "  atoll egress mode audit_only                  nothing refused, everything written down",
      "  atoll egress audit --suggestions              rules for what was seen",
      "  atoll egress allow '*.npmjs.org' --method GET",
      "  atoll egress mode enforce --default deny      only what a rule allows",
      "  atoll egress secrets create openai --host api.openai.com --bind < key",
      "  atoll egress policies"
    })
public final class Egress extends Group {
  private Egress() {}

  /** The group with all its commands. */
  public static CommandLine commands(Session session) {
    return new Egress()
        .with(
            List.of(
                new Lists.Policies(session),
                new Mode(session),
                RuleCommand.allow(session),
                RuleCommand.deny(session),
                new Lists.Rules(session),
                new Lists.RemoveRules(session),
                Secrets.commands(session),
                new Audit(session)));
  }
}

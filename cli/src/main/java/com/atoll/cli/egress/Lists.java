package com.atoll.cli.egress;

import com.atoll.cli.console.Listing;
import com.atoll.cli.console.Removal;
import com.atoll.cli.console.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What there is, and taking rules away. */
final class Lists {
  private Lists() {}

  @Command(name = "policies", description = "Lists policies and which is in force.")
  static final class Policies extends Listing {
    @Mixin private Scope scope = new Scope();

    Policies(Session session) {
      super(
          session,
          "/egress/policies?limit=100",
          "no policies: every call that the machine allows is let out",
          "id",
          "name",
          "mode",
          "default_effect",
          "resource_type",
          "resource_id",
          "effective");
    }

    @Override
    protected String query() {
      return scope.query(api());
    }
  }

  @Command(name = "rules", description = "Lists rules.")
  static final class Rules extends Listing {
    Rules(Session session) {
      super(
          session,
          "/egress/allowlist?limit=100",
          "no rules; make one with `atoll egress allow HOST`",
          "id",
          "effect",
          "host",
          "path_glob",
          "resource_type",
          "resource_id",
          "note");
    }
  }

  @Command(name = "rm", aliases = "delete", description = "Deletes rules.")
  static final class RemoveRules extends Removal {
    RemoveRules(Session session) {
      super(session, "/egress/allowlist");
    }
  }
}

package com.atoll.server.sandboxes;

import com.atoll.model.AtollException;
import com.atoll.model.EnvName;
import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A command that a sandbox is to keep running. */
public record ServiceWish(
    @Doc("Name, unique in the sandbox; 1 to 64 letters, digits, dots, dashes, underscores.")
        @Nullable String name,
    @Doc(value = "Shell line.", max = ServiceWish.LONGEST_LINE) @Nullable String command,
    @Doc(value = "Port it listens on, handed to it as PORT.", min = 1, max = 65_535)
        @Nullable Integer port,
    @Doc("Environment of this service.") @Nullable Map<String, String> env,
    @Doc("Directory it runs in; default /workspace.") @JsonAlias("cwd") @Nullable String workingDir,
    @Doc(
            "always (default), on-failure or no: when it is started again after its end; also"
                + " unless-stopped, which is always here, and never, which is no.")
        @JsonAlias("restart")
        @Nullable String restartPolicy,
    @Doc("false: as restart_policy no.") @Nullable Boolean autoRestart) {
  /** Characters of a shell line. */
  public static final int LONGEST_LINE = 65_536;

  /** How many a sandbox may have. */
  public static final int MOST = 32;

  private static final List<String> POLICIES = List.of("always", "on-failure", "no");
  private static final Map<String, String> SYNONYMS =
      Map.of("never", "no", "unless-stopped", "always");

  /** The wishes of a create; those without a name are numbered. */
  static List<ServiceWish> all(@Nullable List<ServiceWish> asked) {
    if (asked == null) {
      return List.of();
    }
    if (asked.size() > MOST) {
      throw AtollException.invalid("services", "must be at most " + MOST);
    }
    List<ServiceWish> wishes = new ArrayList<>();
    for (ServiceWish wish : asked) {
      if (wish == null || wish.command() == null) {
        throw AtollException.invalid("services", "must each have a command");
      }
      wishes.add(
          (wish.name() == null ? wish.named("service-" + (wishes.size() + 1)) : wish).checked());
    }
    if (wishes.stream().map(ServiceWish::name).distinct().count() < wishes.size()) {
      throw AtollException.invalid("services", "must have different names");
    }
    return wishes;
  }

  private ServiceWish named(String generated) {
    return new ServiceWish(generated, command, port, env, workingDir, restartPolicy, autoRestart);
  }

  /** The same with every default filled in, or an error that names the field. */
  public ServiceWish checked() {
    if (name == null || !name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw AtollException.invalid(
          "name", "must be 1 to 64 letters, digits, dots, dashes and underscores");
    }
    if (command == null || command.isBlank()) {
      throw AtollException.invalid("command", "is required");
    }
    if (command.length() > LONGEST_LINE || command.indexOf('\0') >= 0) {
      throw AtollException.invalid("command", "holds NUL or is too long");
    }
    if (port != null && (port < 1 || port > 65_535)) {
      throw AtollException.invalid("port", "must be between 1 and 65535");
    }
    String directory = workingDir;
    if (directory != null && (directory.length() > 4096 || directory.indexOf('\0') >= 0)) {
      throw AtollException.invalid("working_dir", "is no directory");
    }
    String policy =
        restartPolicy != null
            ? restartPolicy
            : Boolean.FALSE.equals(autoRestart) ? "no" : POLICIES.getFirst();
    // Other tools' words for the same: what was stopped stays so under always, too.
    policy = SYNONYMS.getOrDefault(policy, policy);
    if (!POLICIES.contains(policy)) {
      throw AtollException.invalid("restart_policy", "must be always, on-failure or no");
    }
    return new ServiceWish(
        name,
        command,
        port,
        shellEnv(),
        directory == null || directory.isEmpty()
            ? null
            : directory.startsWith("/") ? directory : "/workspace/" + directory,
        policy,
        !policy.equals("no"));
  }

  /** Between a service and who starts it is a shell, which passes on what it can assign to. */
  private Map<String, String> shellEnv() {
    Map<String, String> checked = Bounds.env(env);
    if (!checked.keySet().stream().allMatch(EnvName::isShellName)) {
      throw AtollException.invalid(
          "env",
          "must have names of letters, digits and underscores that begin with no digit, for a"
              + " service");
    }
    return checked;
  }
}

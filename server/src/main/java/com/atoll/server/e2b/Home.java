package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.node.v1.MakeDirectoryRequest;
import com.atoll.node.v1.Owner;
import com.atoll.server.files.SandboxPath;
import com.atoll.server.http.Call;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.TemplateApp;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whom a call acts as and where its relative paths begin. The usual user of the SDKs, {@code user},
 * is root here, at home in {@code /home/user}.
 */
final class Home {
  private static final Logger LOG = LoggerFactory.getLogger(Home.class);
  private static final String USUAL = "user";
  private static final String ROOT = "root";

  private final NodeClient node;

  Home(NodeClient node) {
    this.node = node;
  }

  /**
   * A user.
   *
   * @param account its name inside; empty for root
   * @param folder where it is at home
   * @param start where relative paths begin
   * @param owner whom what it writes belongs to; null: root, and a file that is there stays whose
   *     it is
   */
  record User(String account, String folder, String start, @Nullable Owner owner) {
    private User(String account, String folder) {
      this(account, folder, folder, null);
    }

    /** The same, as the sandbox knows it; {@code moves}: relative paths begin at home. */
    User as(Accounts.Account known, boolean moves) {
      return new User(account, known.home(), moves ? known.home() : start, known.owner());
    }

    /** The same, whom what it writes belongs to even where something is there. */
    User owning(Owner owner) {
      return new User(account, folder, start, owner);
    }

    /** The path that it means. */
    SandboxPath path(@Nullable String text) {
      if (text == null || text.isEmpty()) {
        return SandboxPath.of(start);
      }
      if (text.equals("~")) {
        return SandboxPath.of(folder);
      }
      String rest = text.startsWith("~/") ? text.substring(2) : text;
      if (text.startsWith("/")) {
        return SandboxPath.of(text);
      }
      return SandboxPath.of((text.startsWith("~/") ? folder : start) + "/" + rest);
    }
  }

  /** The user of this name; null and empty for the usual one. */
  static User user(@Nullable String name) {
    if (name == null || name.isEmpty() || name.equals(USUAL)) {
      return new User("", "/home/" + USUAL);
    }
    if (!name.matches("[a-z_][a-z0-9_-]{0,31}")) {
      throw AtollException.invalid("user", "is not a user name");
    }
    return name.equals(ROOT) ? new User("", "/root") : new User(name, "/home/" + name);
  }

  /**
   * The user of this name in a sandbox of a template that an organization made: who names none is
   * whom the template names, and paths begin where it says.
   */
  static User user(@Nullable String name, TemplateApp app) {
    boolean named = name != null && !name.isEmpty();
    User user = user(named || app.user().equals(ROOT) ? name : app.user());
    return new User(user.account, user.folder, app.workdir(), null);
  }

  /** The user that a call names in place of a login; null when it names none. */
  static @Nullable String name(Call call) {
    String header = call.header("Authorization");
    if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return null;
    }
    try {
      byte[] pair = Base64.getDecoder().decode(header.substring(6).strip());
      String text = new String(pair, StandardCharsets.UTF_8);
      int colon = text.indexOf(':');
      return colon < 0 ? text : text.substring(0, colon);
    } catch (IllegalArgumentException malformed) {
      throw AtollException.invalid("user", "is not a user name");
    }
  }

  /** Whether a call names root itself, and not the usual user. */
  static boolean isRoot(@Nullable String name) {
    return ROOT.equals(name);
  }

  /** Whether this is where the usual user is at home. */
  static boolean isUsual(String folder) {
    return folder.equals("/home/" + USUAL);
  }

  /** Makes the home of the usual user. */
  void prepare(String sandboxId) {
    try {
      var _ =
          node.files()
              .makeDirectory(
                  MakeDirectoryRequest.newBuilder()
                      .setWorkloadId(sandboxId)
                      .setPath("/home/" + USUAL)
                      .setParents(true)
                      .build());
    } catch (AtollException refused) {
      // Whatever needs the folder will say so.
      LOG.debug("{} has no home: {}", sandboxId, refused.getMessage());
    }
  }
}

package com.atoll.server.e2b;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.node.v1.Owner;
import com.atoll.node.v1.ReadSmallRequest;
import com.atoll.server.machines.NodeClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** The users and groups of a sandbox, as its own files name them. */
final class Accounts {
  private static final String USERS = "/etc/passwd";
  private static final String GROUPS = "/etc/group";
  private static final int LONGEST = 1 << 20;

  private final NodeClient node;

  Accounts(NodeClient node) {
    this.node = node;
  }

  /** A user of a sandbox. */
  record Account(Owner owner, String home) {}

  /** The user of this name; refused where the sandbox, which runs, has none. */
  Account require(String sandbox, String name) {
    return lines(sandbox, USERS)
        .filter(line -> line.size() > 5 && line.getFirst().equals(name))
        .flatMap(line -> account(line).stream())
        .findFirst()
        .orElseThrow(() ->
            AtollException.withMessage(
                ErrorCode.INVALID_REQUEST, "The sandbox has no user " + name + "."));
  }

  private static Optional<Account> account(List<String> line) {
    OptionalInt uid = number(line.get(2));
    OptionalInt gid = number(line.get(3));
    if (uid.isEmpty() || gid.isEmpty()) {
      return Optional.empty();
    }
    String home = line.get(5).startsWith("/") ? line.get(5) : "/";
    Owner owner = Owner.newBuilder().setUid(uid.getAsInt()).setGid(gid.getAsInt()).build();
    return Optional.of(new Account(owner, home));
  }

  /** How numbers of one sandbox are called; its files are read once, when there is need to. */
  final class Names {
    private final String sandbox;
    private final Map<String, Map<Integer, String>> known = new HashMap<>();

    private Names(String sandbox) {
      this.sandbox = sandbox;
    }

    String user(int uid) {
      return name(USERS, uid);
    }

    String group(int gid) {
      return name(GROUPS, gid);
    }

    private String name(String file, int number) {
      if (number == 0) {
        return "root";
      }
      return known
          .computeIfAbsent(file, this::read)
          .getOrDefault(number, Integer.toUnsignedString(number));
    }

    private Map<Integer, String> read(String file) {
      Map<Integer, String> names = new HashMap<>();
      lines(sandbox, file)
          .filter(line -> line.size() > 2)
          .forEach(
              line -> number(line.get(2)).ifPresent(id -> names.putIfAbsent(id, line.getFirst())));
      return names;
    }
  }

  Names names(String sandbox) {
    return new Names(sandbox);
  }

  private Stream<List<String>> lines(String sandbox, String file) {
    return text(sandbox, file).lines().map(line -> List.of(line.split(":", -1)));
  }

  private String text(String sandbox, String file) {
    try {
      return node.files()
          .readSmall(
              ReadSmallRequest.newBuilder()
                  .setWorkloadId(sandbox)
                  .setPath(file)
                  .setLimit(LONGEST)
                  .build())
          .getContent()
          .toStringUtf8();
    } catch (AtollException refused) {
      return switch (refused.code()) {
        case FILE_NOT_FOUND, NOT_A_FILE, INVALID_PATH, TOO_LARGE -> "";
        default -> throw refused;
      };
    }
  }

  private static OptionalInt number(String text) {
    return text.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }
}

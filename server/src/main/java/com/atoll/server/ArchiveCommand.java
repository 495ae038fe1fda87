package com.atoll.server;

import com.atoll.server.snapshots.SnapshotsCapability;
import java.util.List;

/**
 * What the owner of the machine carries from one installation to another; run as the server's user.
 * {@code key} prints the archive key, {@code ticket FOLDER ORGANIZATION SNAPSHOT} a ticket for what
 * another installation has archived, whose archive key is known here.
 */
public final class ArchiveCommand {
  private ArchiveCommand() {}

  /** Prints one of them. */
  public static void main(String[] arguments) {
    Arguments given = Arguments.of(arguments);
    List<String> rest = given.rest();
    String kind = rest.isEmpty() ? "" : rest.getFirst();
    System.out.println(
        switch (kind) {
          case "key" -> SnapshotsCapability.archiveKey(given.installation());
          case "ticket" ->
              SnapshotsCapability.archiveTicket(
                  given.installation(), rest.get(1), rest.get(2), rest.get(3));
          default ->
              throw new IllegalArgumentException(
                  "usage: key | ticket FOLDER ORGANIZATION SNAPSHOT");
        });
  }
}

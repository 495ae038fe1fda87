package com.atoll.server;

import com.atoll.model.AtollException;
import com.atoll.server.identity.KeySecret;
import com.atoll.server.identity.Organizations;
import com.atoll.server.store.Store;
import java.sql.SQLException;

/**
 * Makes keys for the owner of the machine; run as the server's user. {@code admin} makes an admin
 * key of the first organization, {@code start-up} one of its test mode, {@code org NAME} a new
 * organization with its first key. Prints the key.
 */
public final class MintCommand {
  private MintCommand() {}

  /** Makes a key. */
  public static void main(String[] arguments) throws Exception {
    Arguments given = Arguments.of(arguments);
    try (Store store = Store.of(given.installation())) {
      store.migrate();
      System.out.println(mint(new Organizations(store), given).value());
    } catch (SQLException | AtollException failed) {
      System.err.println("atoll: no key was made: " + failed.getMessage());
      System.exit(1);
    }
  }

  private static KeySecret mint(Organizations organizations, Arguments given) {
    String kind = given.rest().isEmpty() ? "" : given.rest().getFirst();
    return switch (kind) {
      case "admin" -> organizations.mintAdmin();
      case "start-up" -> organizations.mintStartUp();
      case "org" ->
          organizations.create(String.join(" ", given.rest().subList(1, given.rest().size())));
      default -> throw new IllegalArgumentException("usage: admin | start-up | org NAME");
    };
  }
}

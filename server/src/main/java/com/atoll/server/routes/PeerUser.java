package com.atoll.server.routes;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/** The one user that may connect, as the kernel names the peer of a Unix socket. */
record PeerUser(UserPrincipal principal) {
  static PeerUser of(int uid) throws IOException {
    // A number that is no user's name is taken as a user id.
    return new PeerUser(
        FileSystems.getDefault()
            .getUserPrincipalLookupService()
            .lookupPrincipalByName(Integer.toString(uid)));
  }

  boolean owns(SocketChannel channel) throws IOException {
    return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().equals(principal);
  }
}

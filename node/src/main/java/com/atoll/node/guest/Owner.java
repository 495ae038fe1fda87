package com.atoll.node.guest;

import tools.jackson.databind.node.ObjectNode;

/** Whom new files and directories of a guest belong to: its own numbers. */
public record Owner(int uid, int gid) {
  ObjectNode json() {
    return Connection.JSON.createObjectNode().put("uid", uid).put("gid", gid);
  }
}

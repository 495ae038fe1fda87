package com.atoll.server.toolservers;

import com.atoll.server.http.Doc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a trial of a tool server found. */
record Found(
    @Doc("Name that the server gives itself.") @Nullable String serverName,
    @Doc("Version that the server gives itself.") @Nullable String serverVersion,
    @Doc("Version of the protocol that it speaks.") @Nullable String protocolVersion,
    @Doc("Its tools.") List<FoundTool> tools) {

  /** A tool. */
  record FoundTool(
      @Doc("Name.") String name, @Doc("What it is for.") @Nullable String description) {}
}

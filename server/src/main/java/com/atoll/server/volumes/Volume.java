package com.atoll.server.volumes;

import com.atoll.model.OrganizationId;
import com.atoll.node.v1.VolumeSpec;
import com.atoll.server.identity.Owner;
import com.atoll.server.store.Event;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A volume as it is stored.
 *
 * @param shared whether several sandboxes may write to it at a time
 * @param source the volume whose files it began with
 * @param attachments how many sandboxes have it
 * @param writer the sandbox that alone may write to it now
 */
record Volume(
    String id,
    OrganizationId org,
    String name,
    int sizeGb,
    boolean shared,
    Status status,
    @Nullable String region,
    Owner owner,
    @Nullable String source,
    Map<String, Object> metadata,
    long version,
    int attachments,
    @Nullable String writer,
    OffsetDateTime createdAt,
    OffsetDateTime updatedAt) {
  /** What the ids of volumes begin with. */
  static final String PREFIX = "vol";

  /** What it is good for. */
  enum Status {
    /** The machine does not have it yet. */
    CREATING,
    /** It can be attached. */
    AVAILABLE,
    /** The machine has lost it. */
    ERROR,
    /** It is on its way out; nobody sees it any more. */
    DELETING;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Status of(String wire) {
      return valueOf(wire.toUpperCase(Locale.ROOT));
    }
  }

  /** What the machine is asked for. */
  VolumeSpec spec() {
    return VolumeSpec.newBuilder().setId(id).setSizeMb(sizeGb * 1024L).setShared(shared).build();
  }

  Event event(String type, Map<String, ?> data) {
    return event(type, version, data);
  }

  /** Told of another version than was read. */
  Event event(String type, long as, Map<String, ?> data) {
    return new Event(
        type,
        "volume",
        id,
        as,
        owner.workspaceId(),
        owner.projectId(),
        owner.externalWorkspaceId(),
        owner.externalUserId(),
        owner.externalProjectId(),
        data);
  }
}

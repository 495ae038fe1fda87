package com.atoll.server.volumes;

import com.atoll.server.http.Doc;
import com.atoll.server.identity.Owner;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A volume as the API shows it. */
record VolumeView(
    @Doc("Id.") String id,
    @Doc("Name.") String name,
    @JsonUnwrapped Owner owner,
    @Doc("What it may hold, in GiB.") int sizeGb,
    @Doc("creating, available, attached or error.") String status,
    @Doc("one_writer or many_writers.") String accessMode,
    @Doc("Region, as it was asked for.") @Nullable String region,
    @Doc("The volume whose files it began with.") @Nullable String sourceVolumeId,
    @Doc("How many sandboxes have it.") int attachmentCount,
    @Doc("Who has it; only when one volume is shown.") List<AttachmentView> attachments,
    @Doc("Bytes that it holds besides those of its source; only when one volume is shown.")
        @Nullable Long usedBytes,
    @Doc("Free data of the caller.") Map<String, Object> metadata,
    @Doc("When it was created.") Instant createdAt,
    @Doc("When it was last changed.") Instant updatedAt) {

  /** An attachment as the API shows it. */
  record AttachmentView(
      @Doc("Id.") String id,
      @Doc("The volume.") String volumeId,
      @Doc("The sandbox that has it.") String sandboxId,
      @Doc("Where it lies inside.") String mountPath,
      @Doc("Whether it may only be read.") boolean readOnly,
      @Doc("attaching, attached or detaching.") String status,
      @Doc("Since when.") Instant attachedAt) {
    static AttachmentView of(Attachment attachment) {
      return new AttachmentView(
          attachment.id(),
          attachment.volumeId(),
          attachment.sandboxId(),
          attachment.mountPath(),
          attachment.readOnly(),
          attachment.status().wire(),
          attachment.attachedAt().toInstant());
    }
  }

  /** As a list shows it. */
  static VolumeView of(Volume volume) {
    return of(volume, List.of(), null);
  }

  static VolumeView of(Volume volume, List<Attachment> attachments, @Nullable Long usedBytes) {
    boolean attached = volume.status() == Volume.Status.AVAILABLE && volume.attachments() > 0;
    return new VolumeView(
        volume.id(),
        volume.name(),
        volume.owner(),
        volume.sizeGb(),
        attached ? "attached" : volume.status().wire(),
        volume.shared() ? NewVolume.MANY : NewVolume.ONE,
        volume.region(),
        volume.source(),
        volume.attachments(),
        attachments.stream().map(AttachmentView::of).toList(),
        usedBytes,
        volume.metadata(),
        volume.createdAt().toInstant(),
        volume.updatedAt().toInstant());
  }

  /** As it will be once the machine has it. */
  VolumeView available() {
    return new VolumeView(
        id,
        name,
        owner,
        sizeGb,
        Volume.Status.AVAILABLE.wire(),
        accessMode,
        region,
        sourceVolumeId,
        attachmentCount,
        attachments,
        usedBytes,
        metadata,
        createdAt,
        updatedAt);
  }
}

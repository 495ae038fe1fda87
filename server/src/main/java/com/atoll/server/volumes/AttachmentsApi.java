package com.atoll.server.volumes;

import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.Operation;
import com.atoll.server.http.Page;
import com.atoll.server.sandboxes.Sandbox;
import com.atoll.server.sandboxes.Sandboxes;
import com.atoll.server.sandboxes.VolumeWish;
import com.atoll.server.volumes.VolumeView.AttachmentView;
import java.util.List;

/** Gives volumes to sandboxes that exist, running or not, and takes them back. */
final class AttachmentsApi {
  private final Sandboxes sandboxes;
  private final LiveVolumes volumes;

  AttachmentsApi(Sandboxes sandboxes, LiveVolumes volumes) {
    this.sandboxes = sandboxes;
    this.volumes = volumes;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/sandboxes/:id/volumes")
            .id("sandboxes.volumes")
            .summary("Lists the volumes that a sandbox has.")
            .priority("P2")
            .scope("volumes:read")
            .errors(ErrorCode.SANDBOX_NOT_FOUND, ErrorCode.SANDBOX_DESTROYED)
            .list(AttachmentView.class)
            .handle(call ->
                Page.whole(
                    volumes.list(call.principal(), sandbox(call)).stream()
                        .map(AttachmentView::of)
                        .toList())),
        Operation.post("/sandboxes/:id/volumes")
            .id("sandboxes.attach_volume")
            .summary("Mounts a volume: at once when the sandbox runs, else when it is resumed.")
            .priority("P2")
            .scope("volumes:write")
            .idempotency(Idempotency.KEY)
            .status(201)
            .errors(
                ErrorCode.SANDBOX_NOT_FOUND,
                ErrorCode.SANDBOX_DESTROYED,
                ErrorCode.NOT_FOUND,
                ErrorCode.CONFLICT,
                ErrorCode.RESOURCE_STATE,
                ErrorCode.QUOTA_EXCEEDED,
                ErrorCode.NODE_UNAVAILABLE)
            .request(VolumeWish.class)
            .response(AttachmentView.class, Envelope.FLAT_MIRROR)
            .handle(this::attach),
        Operation.delete("/sandboxes/:id/volumes/:attachment_id")
            .id("sandboxes.detach_volume")
            .summary("Takes a volume back; also by the id of the volume.")
            .priority("P2")
            .scope("volumes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(
                ErrorCode.SANDBOX_NOT_FOUND,
                ErrorCode.SANDBOX_DESTROYED,
                ErrorCode.NOT_FOUND,
                ErrorCode.RESOURCE_STATE,
                ErrorCode.NODE_UNAVAILABLE)
            .run(call ->
                volumes.detach(call.principal(), sandbox(call).id(), call.path("attachment_id"))));
  }

  private AttachmentView attach(Call call, VolumeWish wish) {
    return AttachmentView.of(
        volumes.attach(
            call.principal(),
            sandbox(call),
            Wishes.mount("", wish),
            (tx, attached) ->
                call.idempotentAnswer(tx, AttachmentView.of(attached), attached.id())));
  }

  private Sandbox sandbox(Call call) {
    return sandboxes.require(call.principal(), call.path("id"));
  }
}

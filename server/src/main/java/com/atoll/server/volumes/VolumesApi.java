package com.atoll.server.volumes;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.server.http.Call;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import java.util.List;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Create, find, change, copy and delete volumes. */
final class VolumesApi {
  private final VolumeService volumes;

  VolumesApi(VolumeService volumes) {
    this.volumes = volumes;
  }

  List<Operation<?, ?>> operations() {
    return List.of(
        Operation.get("/volumes")
            .id("volumes.list")
            .summary("Lists volumes, newest first.")
            .priority("P2")
            .scope("volumes:read")
            .query("status", "Only those that are creating, available, attached or error.")
            .query("name", "Only those with this name.")
            .query("workspace_id", "Only those of this workspace.")
            .query("project_id", "Only those of this project.")
            .query("external_workspace_id", "Only those of this workspace of the customer.")
            .query("external_user_id", "Only those of this user of the customer.")
            .query("external_project_id", "Only those of this project of the customer.")
            .list(VolumeView.class)
            .handle(call -> volumes.page(call, filter(call)).map(VolumeView::of)),
        make(Operation.post("/volumes")
                .id("volumes.create")
                .summary("Creates a volume: files that outlive sandboxes."))
            .errors(ErrorCode.NAME_TAKEN)
            .request(NewVolume.class)
            .response(VolumeView.class, Envelope.FLAT_MIRROR)
            .handle(this::create),
        one(Operation.get("/volumes/:id"), "get", "Shows a volume.", "volumes:read")
            .handle(this::get),
        one(
                Operation.patch("/volumes/:id"),
                "update",
                "Changes the name or data of a volume, or lets it grow.",
                "volumes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NODE_UNAVAILABLE, ErrorCode.QUOTA_EXCEEDED)
            .request(VolumeChange.class)
            .handle((call, body) ->
                VolumeView.of(volumes.change(call.principal(), call.path("id"), body))),
        Operation.delete("/volumes/:id")
            .id("volumes.delete")
            .summary("Deletes a volume that no sandbox has, and its files.")
            .priority("P2")
            .scope("volumes:write")
            .idempotency(Idempotency.NATURAL)
            .errors(ErrorCode.NOT_FOUND, ErrorCode.CONFLICT, ErrorCode.NODE_UNAVAILABLE)
            .run(call -> volumes.delete(call.principal(), call.path("id"))),
        make(Operation.post("/volumes/:id/snapshots")
                .id("volumes.snapshot")
                .summary("Creates a volume with the files of another as they are at this moment."))
            .errors(ErrorCode.NOT_FOUND, ErrorCode.RESOURCE_STATE)
            .request(CopyVolume.class)
            .response(VolumeView.class, Envelope.FLAT_MIRROR)
            .handle(this::copy),
        Operation.get("/volumes/:id/snapshots")
            .id("volumes.snapshots")
            .summary("Lists the volumes that were made of a volume.")
            .priority("P3")
            .scope("volumes:read")
            .errors(ErrorCode.NOT_FOUND)
            .list(VolumeView.class)
            .handle(this::copies));
  }

  private OperationBuilder<NoBody, NoBody> make(OperationBuilder<NoBody, NoBody> operation) {
    return operation
        .priority("P2")
        .scope("volumes:write")
        .idempotency(Idempotency.KEY)
        .status(201)
        .errors(
            ErrorCode.WORKSPACE_NOT_FOUND,
            ErrorCode.PROJECT_NOT_FOUND,
            ErrorCode.NO_CAPACITY,
            ErrorCode.QUOTA_EXCEEDED,
            ErrorCode.NODE_UNAVAILABLE)
        .onReplay(
            (call, answer) -> volumes.replay(call.principal(), answer.path("id").asString("")));
  }

  private static OperationBuilder<NoBody, VolumeView> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary, String scope) {
    return operation
        .id("volumes." + name)
        .summary(summary)
        .priority("P2")
        .scope(scope)
        .errors(ErrorCode.NOT_FOUND)
        .response(VolumeView.class, Envelope.FLAT_MIRROR);
  }

  private VolumeView create(Call call, NewVolume body) {
    return VolumeView.of(
        volumes.create(
            call,
            body,
            (tx, made) -> call.idempotentAnswer(tx, VolumeView.of(made).available(), made.id())));
  }

  private VolumeView copy(Call call, CopyVolume body) {
    return VolumeView.of(
        volumes.copy(
            call.principal(),
            call.path("id"),
            body,
            (tx, made) -> call.idempotentAnswer(tx, VolumeView.of(made).available(), made.id())));
  }

  private VolumeView get(Call call) {
    Volume volume = volumes.require(call.principal(), call.path("id"));
    return VolumeView.of(
        volume, volumes.attachments(call.principal(), volume), volumes.usedBytes(volume));
  }

  private Page<VolumeView> copies(Call call) {
    Volume source = volumes.require(call.principal(), call.path("id"));
    return volumes
        .page(call, DSL.condition("r.source_volume_id = ?", source.id()))
        .map(VolumeView::of);
  }

  private static Condition filter(Call call) {
    String name = call.query("name");
    return status(call.query("status"))
        .and(
            name == null || name.isEmpty() ? DSL.noCondition() : DSL.condition("r.name = ?", name));
  }

  private static Condition status(@Nullable String status) {
    String attached = "exists (select from volume_attachments a where a.volume_id = r.id)";
    return switch (status == null ? "" : status) {
      case "" -> DSL.noCondition();
      case "attached" -> DSL.condition("r.status = 'available' and " + attached);
      case "available" -> DSL.condition("r.status = 'available' and not " + attached);
      case "creating", "error", "deleting" -> DSL.condition("r.status = ?", status);
      default -> throw AtollException.of(ErrorCode.INVALID_PARAM, "status");
    };
  }
}

package com.atoll.server.templates;

import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import com.atoll.node.v1.Template;
import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A template as the API shows it. */
record TemplateView(
    @Doc("Id.") String id,
    @Doc("Name.") String name,
    @Doc("Same as id.") String slug,
    @Doc("Image that it is.") String imageId,
    @Doc("Digest of the image.") @Nullable String imageRef,
    @Doc("Category.") String category,
    @Doc("Categories.") List<String> categories,
    @Doc("Whether a create takes it that names none.") @JsonProperty("default") boolean usual,
    @Doc("Whether it came with the platform.") boolean builtIn,
    @Doc("Whether every organization sees it.") @JsonProperty("public") boolean open,
    @Doc("active, building or failed.") String status,
    @Doc("Why it failed.") @Nullable String error,
    @Doc("CPUs by default.") int cpuCount,
    @Doc("Same as cpu_count.") int defaultCpu,
    @Doc("Same as cpu_count.") int vcpus,
    @Doc("Memory in MiB by default.") int memoryMb,
    @Doc("Same as memory_mb.") int defaultMemoryMb,
    @Doc("Disk in MiB by default.") int diskMb,
    @Doc("Size of the image in bytes.") long sizeBytes,
    @Doc("Machines that are ready for it.") int warm,
    @Doc("Directory that work begins in.") String workdir,
    @Doc("Port that its app listens on.") @Nullable Integer previewPort,
    @Doc("Languages and tools.") List<String> runtimes,
    @Doc("What its app makes.") List<String> artifactPaths,
    @Doc("Labels.") List<String> tags,
    @Doc("When it was added.") @Nullable Instant insertedAt,
    @Doc("Same as inserted_at.") @Nullable Instant createdAt) {

  static TemplateView of(Template template, String usual) {
    Shape shape = SandboxSize.SMALL.shape();
    String digest = template.getDigest();
    String reason = template.getReason();
    return new TemplateView(
        template.getId(),
        template.getId(),
        template.getId(),
        template.getId(),
        digest.isEmpty() ? null : digest,
        "general",
        List.of("general"),
        template.getId().equals(usual),
        true,
        true,
        template.getState(),
        reason.isEmpty() ? null : reason,
        shape.cpus(),
        shape.cpus(),
        shape.cpus(),
        shape.memoryMb(),
        shape.memoryMb(),
        shape.diskMb(),
        template.getSizeBytes(),
        template.getWarm(),
        "/workspace",
        template.getPreviewPort() == 0 ? null : template.getPreviewPort(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null);
  }
}

package com.atoll.server.templates;

import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import com.atoll.node.v1.Template;
import com.atoll.server.http.Doc;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A template as the API shows it. */
record TemplateView(
    @Doc("Id.") String id,
    @Doc("Organization that made it.") @Nullable String tenantId,
    @Doc("Name.") String name,
    @Doc("Short name, good wherever an id is.") String slug,
    @Doc("One sentence.") @Nullable String description,
    @Doc("Image that it is.") @Nullable String imageId,
    @Doc("Digest of the image.") @Nullable String imageRef,
    @Doc("Category.") String category,
    @Doc("Categories.") List<String> categories,
    @Doc("Whether a create takes it that names none.") @JsonProperty("default") boolean usual,
    @Doc("Whether it came with the platform.") boolean builtIn,
    @Doc("Whether every organization sees it.") @JsonProperty("public") boolean open,
    @Doc("active (built in), building, draft, ready or failed.") String status,
    @Doc("unbuilt (built by the first create), building, active or failed.") String imageState,
    @Doc("How far the build of a built-in template is.") @Nullable String progress,
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
    @Doc("Fetches what its app needs.") @Nullable String installCommand,
    @Doc("Starts its app.") @Nullable String startCommand,
    @Doc("How its app is asked whether it is ready.") @Nullable Map<String, Object> readinessProbe,
    @Doc("Languages and tools.") List<String> runtimes,
    @Doc("What its app makes.") List<String> artifactPaths,
    @Doc("Labels.") List<String> tags,
    @Doc("Other ids that it has.") List<String> aliases,
    @Doc("Free data of the caller.") Map<String, Object> metadata,
    @Doc("How it is made.") @Nullable Map<String, Object> buildSpec,
    @Doc("The build that sandboxes start from.") @Nullable String currentBuildId,
    @Doc("When it was added.") @Nullable Instant insertedAt,
    @Doc("Same as inserted_at.") @Nullable Instant createdAt,
    @Doc("When it was last changed.") @Nullable Instant updatedAt) {

  /** One that came with the program. */
  static TemplateView of(Template template, @Nullable BuiltIn described, String usual) {
    Shape shape = SandboxSize.SMALL.shape();
    String id = template.getId();
    BuiltIn.About about = described == null ? BuiltIn.About.NOTHING : described.about();
    List<String> categories = BuiltIn.orNone(about.categories());
    String state = template.getState();
    String reason = template.getReason();
    return new TemplateView(
        id,
        null,
        described == null ? id : described.name(),
        id,
        described == null ? null : described.description(),
        id,
        template.getDigest().isEmpty() ? null : template.getDigest(),
        categories.isEmpty() ? "general" : categories.getFirst(),
        categories.isEmpty() ? List.of("general") : categories,
        id.equals(usual),
        true,
        true,
        state.equals("unbuilt") ? "active" : state,
        state,
        state.equals("building") && !reason.isEmpty() ? reason : null,
        state.equals("failed") ? reason : null,
        shape.cpus(),
        shape.cpus(),
        shape.cpus(),
        shape.memoryMb(),
        shape.memoryMb(),
        shape.diskMb(),
        template.getSizeBytes(),
        template.getWarm(),
        described == null ? "/workspace" : described.workdir(),
        template.getPreviewPort() == 0 ? null : template.getPreviewPort(),
        about.installCommand(),
        described == null ? null : described.startCommand(),
        described == null ? null : probe(described.readyCommand(), described.previewPort()),
        BuiltIn.orNone(about.runtimes()),
        BuiltIn.orNone(about.artifactPaths()),
        BuiltIn.orNone(about.tags()),
        BuiltIn.orNone(about.aliases()),
        Map.of(),
        null,
        null,
        null,
        null,
        null);
  }

  /** One of an organization. */
  static TemplateView of(OwnTemplate template, @Nullable Template image) {
    BuildSpec spec = template.inEffect();
    Shape shape = spec.shape();
    String build = template.currentBuildId();
    return new TemplateView(
        template.id(),
        template.org(),
        template.name(),
        template.slug(),
        template.description(),
        build,
        image == null || image.getDigest().isEmpty() ? null : image.getDigest(),
        "general",
        List.of("general"),
        false,
        false,
        false,
        template.status(),
        image == null ? "unbuilt" : image.getState(),
        null,
        null,
        shape.cpus(),
        shape.cpus(),
        shape.cpus(),
        shape.memoryMb(),
        shape.memoryMb(),
        shape.diskMb(),
        image == null ? 0 : image.getSizeBytes(),
        image == null ? 0 : image.getWarm(),
        spec.workdir(),
        spec.previewPort(),
        null,
        spec.startCmd(),
        probe(spec.readyCmd(), spec.startCmd() == null ? null : spec.previewPort()),
        List.of(),
        spec.artifactPaths(),
        List.of(),
        List.of(),
        template.metadata(),
        template.spec().wire(),
        build,
        template.createdAt().toInstant(),
        template.createdAt().toInstant(),
        template.updatedAt().toInstant());
  }

  private static @Nullable Map<String, Object> probe(
      @Nullable String command, @Nullable Integer port) {
    if (command != null) {
      return Map.of("type", "command", "command", command);
    }
    return port == null ? null : Map.of("type", "tcp", "port", port);
  }
}

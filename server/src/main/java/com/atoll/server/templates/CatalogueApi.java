package com.atoll.server.templates;

import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import com.atoll.node.v1.Template;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can be created: templates with the sizes that they come in. */
final class CatalogueApi {
  private static final String USUAL = Book.USUAL;

  private final Templates templates;
  private final Book book;

  CatalogueApi(Templates templates, Book book) {
    this.templates = templates;
    this.book = book;
  }

  /** A size and what it means. */
  record SizeView(
      @Doc("Id of the contract.") String contractId,
      @Doc("Version of the contract.") String contractVersion,
      @Doc("Product: sandbox.") String product,
      @Doc("Named size.") String size,
      @Doc("CPUs.") int vcpus,
      @Doc("Memory in MiB.") int memoryMb,
      @Doc("Disk in MiB.") int diskSizeMb) {}

  /** What can be created of one kind. */
  record Product(
      @Doc("Id.") String id,
      @Doc("Name.") String name,
      @Doc("What it is.") String description,
      @Doc("Template that a create takes that names none.") String defaultTemplate,
      @Doc("Size that a create takes that names none.") String defaultSize,
      @Doc("Named sizes.") List<String> sizeIds,
      @Doc("Ids of its templates.") List<String> templates) {}

  /** A template in the catalogue. */
  record CatalogueTemplate(
      @Doc("Id.") String id,
      @Doc("Name.") String name,
      @Doc("Product: sandbox.") String product,
      @Doc("One sentence.") @Nullable String description,
      @Doc("Size that a create takes that names none.") String defaultSize,
      @Doc("Image that it is.") String imageId,
      @Doc("Name in the SDKs.") String sdkName,
      @Doc("Name in the command line.") String cliName,
      @Doc("unbuilt, building, active or failed.") String status,
      @Doc("Programs that it has.") List<String> installedTools,
      @Doc("Fetches what its app needs.") @Nullable String installCommand,
      @Doc("Starts its app.") @Nullable String startCommand,
      @Doc("What it is ready for.") Map<String, Object> readinessContract,
      @Doc("Other names.") List<String> aliases,
      @Doc("Whether machines are ready, by size.") List<Map<String, String>> sizes) {}

  /** The catalogue. */
  record Catalogue(
      @Doc("Templates, by id.") List<CatalogueTemplate> templates,
      @Doc("What can be created.") List<Product> products,
      @Doc("Named sizes.") List<SizeView> sizes,
      @Doc("Shapes by product.") Map<String, List<SizeView>> shapeContracts,
      @Doc("States of readiness.") List<String> readinessStates,
      @Doc("Rules; none.") Map<String, Object> rules,
      @Doc("Templates again.") List<CatalogueTemplate> data) {}

  Operation<?, ?> operation() {
    return Operation.get("/templates")
        .id("templates.catalogue")
        .summary("Lists what can be created, with sizes.")
        .priority("P2")
        .scope("sandboxes:read")
        .errors(ErrorCode.NODE_UNAVAILABLE)
        .response(Catalogue.class, Envelope.FLAT)
        .handle(this::catalogue);
  }

  private Catalogue catalogue(Call call) {
    List<SizeView> sizes = Arrays.stream(SandboxSize.values()).map(CatalogueApi::size).toList();
    List<CatalogueTemplate> entries = templates.list().stream().map(this::entry).toList();
    Product product =
        new Product(
            "sandbox",
            "Sandbox",
            "A machine without a screen for commands, files and previews.",
            USUAL,
            SandboxSize.SMALL.wire(),
            Arrays.stream(SandboxSize.values()).map(SandboxSize::wire).toList(),
            entries.stream().map(CatalogueTemplate::id).toList());
    return new Catalogue(
        entries,
        List.of(product),
        sizes,
        Map.of("sandbox", sizes),
        List.of("fast_ready", "cold_boot_only", "missing", "unavailable"),
        Map.of(),
        entries);
  }

  private CatalogueTemplate entry(Template template) {
    String id = template.getId();
    BuiltIn described = book.builtIns().get(id);
    BuiltIn.About about = described == null ? BuiltIn.About.NOTHING : described.about();
    boolean app = described != null && described.startCommand() != null;
    String readiness =
        switch (template.getState()) {
          case "active" -> template.getWarm() > 0 ? "fast_ready" : "cold_boot_only";
          case "unbuilt", "building" -> "missing";
          default -> "unavailable";
        };
    List<Map<String, String>> sizes =
        Arrays.stream(SandboxSize.values())
            .map(size -> Map.of("size", size.wire(), "state", readiness))
            .toList();
    return new CatalogueTemplate(
        id,
        described == null ? id : described.name(),
        "sandbox",
        described == null ? null : described.description(),
        SandboxSize.SMALL.wire(),
        id,
        id,
        id,
        template.getState(),
        BuiltIn.orNone(about.tools()),
        about.installCommand(),
        described == null ? null : described.startCommand(),
        Map.of(
            "exec_ready", true,
            "preview_ready", true,
            "desktop_ready", false,
            "app_ready", app),
        BuiltIn.orNone(about.aliases()),
        sizes);
  }

  private static SizeView size(SandboxSize size) {
    Shape shape = size.shape();
    return new SizeView(
        shape.contractId(),
        "v1",
        "sandbox",
        size.wire(),
        shape.cpus(),
        shape.memoryMb(),
        shape.diskMb());
  }
}

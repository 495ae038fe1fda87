package com.atoll.server.templates;

import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import com.atoll.node.v1.NodeDescription;
import com.atoll.node.v1.Template;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Operation;
import com.atoll.server.sandboxes.Machine;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What can be created: templates with the sizes that they come in. */
final class CatalogueApi {
  private static final String USUAL = Book.USUAL;
  private static final String SANDBOX = "sandbox";
  private static final String FAST = "fast_ready";
  private static final String COLD = "cold_boot_only";
  private static final String MISSING = "missing";
  private static final String UNAVAILABLE = "unavailable";

  private final Templates templates;
  private final Book book;
  private final Machine machine;

  CatalogueApi(Templates templates, Book book, Machine machine) {
    this.templates = templates;
    this.book = book;
    this.machine = machine;
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
      @Doc("What its machines are: sandbox.") String primitive,
      @Doc("What it is.") String description,
      @Doc("Template that a create takes that names none.") String defaultTemplate,
      @Doc("Size that a create takes that names none.") String defaultSize,
      @Doc("Named sizes.") List<String> sizeIds,
      @Doc("Ids of its templates.") List<String> templates) {}

  /** What its sandboxes are ready for. */
  record ReadinessContract(
      @Doc("Whether they take commands.") boolean execReady,
      @Doc("Whether their ports have previews.") boolean previewReady,
      @Doc("Whether they have a screen.") boolean desktopReady,
      @Doc("Whether they begin with an app.") boolean appReady,
      @Doc("Measures them; none does.") @Nullable String benchmarkCommand,
      @Doc("Starts the app.") @Nullable String startCommand,
      @Doc("Succeeds once the app is ready.") @Nullable String readinessProbe) {}

  /** How soon a sandbox of a template and a size runs. */
  record SizeReadiness(
      @Doc("Named size.") String size,
      @Doc(
              "fast_ready, cold_boot_only, missing (it is not built), or unavailable: it failed, or"
                  + " the machine is smaller than the size.")
          String state,
      @Doc("Whether one is ready.") boolean fastReady,
      @Doc("Whether one must be started first.") boolean coldBootOnly,
      @Doc("What was asked: node.") String readinessScope,
      @Doc("Machines that were asked.") int checkedNodes,
      @Doc("Machines that have one ready.") int readyNodes,
      @Doc("Machines that must start one first.") int coldBootNodes,
      @Doc("Machines that have not built it.") int missingNodes,
      @Doc("Machines that cannot have it.") int unavailableNodes) {

    static SizeReadiness of(SandboxSize size, String state) {
      return new SizeReadiness(
          size.wire(),
          state,
          state.equals(FAST),
          state.equals(COLD),
          "node",
          1,
          count(state, FAST),
          count(state, COLD),
          count(state, MISSING),
          count(state, UNAVAILABLE));
    }

    private static int count(String state, String counted) {
      return state.equals(counted) ? 1 : 0;
    }
  }

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
      @Doc("What it is ready for.") ReadinessContract readinessContract,
      @Doc("Other names.") List<String> aliases,
      @Doc("Whether machines are ready, by size.") List<SizeReadiness> sizes) {}

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
    NodeDescription there = machine.describe();
    List<SizeView> sizes = Arrays.stream(SandboxSize.values()).map(CatalogueApi::size).toList();
    List<CatalogueTemplate> entries =
        templates.list().stream().map(template -> entry(template, there)).toList();
    Product product =
        new Product(
            SANDBOX,
            "Sandbox",
            SANDBOX,
            "A machine without a screen for commands, files and previews.",
            USUAL,
            SandboxSize.SMALL.wire(),
            Arrays.stream(SandboxSize.values()).map(SandboxSize::wire).toList(),
            entries.stream().map(CatalogueTemplate::id).toList());
    return new Catalogue(
        entries,
        List.of(product),
        sizes,
        Map.of(SANDBOX, sizes),
        List.of(FAST, COLD, MISSING, UNAVAILABLE),
        Map.of(),
        entries);
  }

  private CatalogueTemplate entry(Template template, NodeDescription there) {
    String id = template.getId();
    BuiltIn described = book.builtIns().get(id);
    BuiltIn.About about = described == null ? BuiltIn.About.NOTHING : described.about();
    boolean app = described != null && described.startCommand() != null;
    String readiness =
        switch (template.getState()) {
          case "active" -> template.getWarm() > 0 ? FAST : COLD;
          case "unbuilt", "building" -> MISSING;
          default -> UNAVAILABLE;
        };
    List<SizeReadiness> sizes =
        Arrays.stream(SandboxSize.values())
            .map(size ->
                SizeReadiness.of(size, Machine.fits(size.shape(), there) ? readiness : UNAVAILABLE))
            .toList();
    return new CatalogueTemplate(
        id,
        described == null ? id : described.name(),
        SANDBOX,
        described == null ? null : described.description(),
        SandboxSize.SMALL.wire(),
        id,
        id,
        id,
        template.getState(),
        BuiltIn.orNone(about.tools()),
        about.installCommand(),
        described == null ? null : described.startCommand(),
        new ReadinessContract(
            true,
            true,
            false,
            app,
            null,
            described == null ? null : described.startCommand(),
            described == null ? null : described.readyCommand()),
        BuiltIn.orNone(about.aliases()),
        sizes);
  }

  private static SizeView size(SandboxSize size) {
    Shape shape = size.shape();
    return new SizeView(
        shape.contractId(),
        "v1",
        SANDBOX,
        size.wire(),
        shape.cpus(),
        shape.memoryMb(),
        shape.diskMb());
  }
}

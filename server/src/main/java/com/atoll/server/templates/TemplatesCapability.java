package com.atoll.server.templates;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import com.atoll.node.v1.Template;
import com.atoll.server.http.Call;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Templates: which there are, and whether they are built. */
public final class TemplatesCapability implements Capability {
  private static final String USUAL = "miosa-sandbox";

  private final Templates templates;

  /** Templates of this node. */
  public TemplatesCapability(NodeClient node, NodeWatch watch) {
    templates = new Templates(node);
    watch.add(templates);
  }

  /** The port that a template declares; null when it declares none or is not known yet. */
  public @Nullable Integer previewPort(String templateId) {
    return templates.previewPort(templateId);
  }

  /** Whether a template is built, as far as is known. */
  public boolean isActive(String templateId) {
    return templates.isActive(templateId);
  }

  /** Calls back when what templates declare has changed. */
  public void onChange(Runnable action) {
    templates.onChange(action);
  }

  /** All templates. */
  record AllTemplates(
      @Doc("Id of the template that a create takes that names none.") String defaultTemplateId,
      @Doc("Templates, by id.") List<TemplateView> data) {}

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
  record Entry(
      @Doc("Id.") String id,
      @Doc("Name.") String name,
      @Doc("Product: sandbox.") String product,
      @Doc("Size that a create takes that names none.") String defaultSize,
      @Doc("Image that it is.") String imageId,
      @Doc("Name in the SDKs.") String sdkName,
      @Doc("Name in the command line.") String cliName,
      @Doc("active, building or failed.") String status,
      @Doc("Programs that it has.") List<String> installedTools,
      @Doc("What it is ready for.") Map<String, Boolean> readinessContract,
      @Doc("Other names.") List<String> aliases,
      @Doc("Whether machines are ready, by size.") List<Map<String, String>> sizes) {}

  /** The catalogue. */
  record Catalogue(
      @Doc("Templates, by id.") List<Entry> templates,
      @Doc("What can be created.") List<Product> products,
      @Doc("Named sizes.") List<SizeView> sizes,
      @Doc("Shapes by product.") Map<String, List<SizeView>> shapeContracts,
      @Doc("States of readiness.") List<String> readinessStates,
      @Doc("Rules; none.") Map<String, Object> rules,
      @Doc("Templates again.") List<Entry> data) {}

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    all.add(
        Operation.get("/sandbox-templates")
            .id("templates.list")
            .summary("Lists the templates that sandboxes start from.")
            .priority("P1")
            .scope("sandboxes:read")
            .query("include_aliases", "boolean", "Also other names; there are none.")
            .errors(ErrorCode.NODE_UNAVAILABLE)
            .response(AllTemplates.class, Envelope.FLAT)
            .handle(this::list));
    all.add(
        Operation.get("/sandbox-templates/:id")
            .id("templates.get")
            .summary("Shows a template.")
            .priority("P1")
            .scope("sandboxes:read")
            .errors(ErrorCode.TEMPLATE_NOT_FOUND, ErrorCode.NODE_UNAVAILABLE)
            .response(TemplateView.class, Envelope.FLAT_MIRROR)
            .handle(this::get));
    all.add(
        Operation.get("/templates")
            .id("templates.catalogue")
            .summary("Lists what can be created, with sizes.")
            .priority("P2")
            .scope("sandboxes:read")
            .errors(ErrorCode.NODE_UNAVAILABLE)
            .response(Catalogue.class, Envelope.FLAT)
            .handle(this::catalogue));
    all.add(unbuilt(Operation.post("/sandbox-templates"), "create", "Creates a template."));
    all.add(unbuilt(Operation.delete("/sandbox-templates/:id"), "delete", "Deletes a template."));
    all.add(
        unbuilt(
            Operation.get("/sandbox-templates/build-spec"),
            "build_spec",
            "Shows the schema of a build specification."));
    all.add(
        unbuilt(
            Operation.post("/sandbox-templates/validate"),
            "validate",
            "Checks a build specification."));
    all.add(
        unbuilt(Operation.get("/sandbox-templates/:id/builds"), "list_builds", "Lists builds."));
    all.add(
        unbuilt(Operation.post("/sandbox-templates/:id/builds"), "start_build", "Starts a build."));
    all.add(unbuilt(Operation.get("/sandbox-template-builds/:id"), "get_build", "Shows a build."));
    return all;
  }

  private static Operation<?, ?> unbuilt(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary) {
    return operation.id("templates." + name).summary(summary).priority("P2").notImplemented();
  }

  private AllTemplates list(Call call) {
    return new AllTemplates(
        USUAL, templates.list().stream().map(t -> TemplateView.of(t, USUAL)).toList());
  }

  private TemplateView get(Call call) {
    String id = call.rawPath("id");
    return templates
        .find(id)
        .map(template -> TemplateView.of(template, USUAL))
        .orElseThrow(() -> AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, id));
  }

  private Catalogue catalogue(Call call) {
    List<SizeView> sizes =
        Arrays.stream(SandboxSize.values()).map(TemplatesCapability::size).toList();
    List<Entry> entries = templates.list().stream().map(TemplatesCapability::entry).toList();
    Product product =
        new Product(
            "sandbox",
            "Sandbox",
            "A machine without a screen for commands, files and previews.",
            USUAL,
            SandboxSize.SMALL.wire(),
            Arrays.stream(SandboxSize.values()).map(SandboxSize::wire).toList(),
            entries.stream().map(Entry::id).toList());
    return new Catalogue(
        entries,
        List.of(product),
        sizes,
        Map.of("sandbox", sizes),
        List.of("fast_ready", "cold_boot_only", "missing", "unavailable"),
        Map.of(),
        entries);
  }

  private static Entry entry(Template template) {
    String id = template.getId();
    String readiness =
        switch (template.getState()) {
          case "active" -> template.getWarm() > 0 ? "fast_ready" : "cold_boot_only";
          case "building" -> "missing";
          default -> "unavailable";
        };
    List<Map<String, String>> sizes =
        Arrays.stream(SandboxSize.values())
            .map(size -> Map.of("size", size.wire(), "state", readiness))
            .toList();
    return new Entry(
        id,
        id,
        "sandbox",
        SandboxSize.SMALL.wire(),
        id,
        id,
        id,
        template.getState(),
        List.of(),
        Map.of(
            "exec_ready", true,
            "preview_ready", true,
            "desktop_ready", false,
            "app_ready", template.getPreviewPort() != 0),
        List.of(),
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

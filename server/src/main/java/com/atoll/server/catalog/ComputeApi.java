package com.atoll.server.catalog;

import com.atoll.model.AtollException;
import com.atoll.model.ErrorCode;
import com.atoll.model.SandboxSize;
import com.atoll.model.Shape;
import com.atoll.node.v1.NodeDescription;
import com.atoll.platform.Installation;
import com.atoll.server.http.Call;
import com.atoll.server.http.Doc;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.http.Page;
import com.atoll.server.sandboxes.Machine;
import com.atoll.server.templates.TemplateKind;
import com.atoll.server.usage.Dimension;
import com.atoll.server.usage.Prices;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Regions, sizes, templates and what they cost. */
final class ComputeApi {
  private static final double CENTS = 100;
  private static final long HOUR_MS = 3_600_000;

  private final Prices prices;
  private final BooleanSupplier nodeIsThere;
  private final Supplier<List<TemplateKind>> templates;
  private final Supplier<NodeDescription> machine;

  ComputeApi(
      Prices prices,
      BooleanSupplier nodeIsThere,
      Supplier<List<TemplateKind>> templates,
      Supplier<NodeDescription> machine) {
    this.machine = machine;
    this.prices = prices;
    this.nodeIsThere = nodeIsThere;
    this.templates = templates;
  }

  /** A named size. */
  record SizeView(
      @Doc("Id.") String id,
      @Doc("The same as id.") String slug,
      @Doc("Name.") String name,
      @Doc("CPUs.") int vcpus,
      @Doc("Memory in MiB.") int memoryMb,
      @Doc("Disk in GiB.") int diskGb,
      @Doc("What an hour of it costs, in dollars.") double priceHour) {}

  /** What one unit of something costs. */
  record PriceView(
      @Doc("Dimension.") String dimension,
      @Doc("Its unit.") String unit,
      @Doc("Dollars.") double usd,
      @Doc("For so many units.") double per) {}

  /** All prices. */
  record Pricing(
      @Doc("Currency of all prices.") String currency,
      @Doc("What a credit is worth, in dollars.") double creditUsd,
      @Doc("Prices by dimension; what is not listed is free.") List<PriceView> prices,
      @Doc("Named sizes with the price of an hour.") List<SizeView> sizes) {}

  /** A template. */
  record TemplateView(
      @Doc("Id.") String id,
      @Doc("Name.") String name,
      @Doc("The same as id.") String slug,
      @Doc("One sentence.") @Nullable String description,
      @Doc("When it was added; null for one that came with the program.")
          @Nullable Instant createdAt) {}

  /** A program that templates have. */
  record Tool(
      @Doc("Name of the program.") String id,
      @Doc("The same as id.") String name,
      @Doc("Templates that have it.") List<String> templates) {}

  /** How ready a template is in one size. */
  record Readiness(
      @Doc("Size.") String size,
      @Doc("fast_ready, cold_boot_only or missing.") String state,
      @Doc("Machines that were asked.") int checkedNodes,
      @Doc("Machines that have one ready.") int readyNodes,
      @Doc("Machines that must start one first.") int coldBootNodes,
      @Doc("Machines that do not have it.") int missingNodes,
      @Doc("The same as checked_nodes.") int checkedHosts,
      @Doc("The same as ready_nodes.") int readyHosts,
      @Doc("The same as cold_boot_nodes.") int coldBootHosts,
      @Doc("The same as missing_nodes.") int missingHosts,
      @Doc("Remarks.") List<String> notes) {
    static Readiness of(SandboxSize size, TemplateKind kind, NodeDescription machine) {
      boolean fits = Machine.fits(size.shape(), machine);
      int missing = fits && kind.built() ? 0 : 1;
      int ready = missing == 0 && kind.warm() > 0 ? 1 : 0;
      int cold = 1 - missing - ready;
      String state = missing > 0 ? "missing" : ready > 0 ? "fast_ready" : "cold_boot_only";
      return new Readiness(
          size.wire(),
          state,
          1,
          ready,
          cold,
          missing,
          1,
          ready,
          cold,
          missing,
          fits ? List.of() : List.of("The machine is smaller than this size."));
    }
  }

  /** A template in the catalogue. */
  record ProductTemplate(
      @Doc("Id.") String id,
      @Doc("The same as id.") String templateId,
      @Doc("Name.") String name,
      @Doc("One sentence.") @Nullable String description,
      @Doc("Size that a create takes that names none.") String defaultSize,
      @Doc("Named sizes.") List<String> sizeIds,
      @Doc("The same as size_ids.") List<String> supportedSizes,
      @Doc("How ready it is, by size.") List<Readiness> artifactReadiness) {}

  /** What can be created of one kind. */
  record Product(
      @Doc("Id.") String id,
      @Doc("The same as id.") String productId,
      @Doc("Name.") String name,
      @Doc("What it is.") String description,
      @Doc("Template that a create takes that names none.") String defaultTemplate,
      @Doc("The same as default_template.") String defaultTemplateId,
      @Doc("Size that a create takes that names none.") String defaultSize,
      @Doc("Named sizes.") List<String> sizeIds,
      @Doc("Its templates.") List<ProductTemplate> templates) {}

  /** Everything that can be created. */
  record Catalog(
      @Doc("Products.") List<Product> products,
      @Doc("Named sizes.") List<SizeView> sizes,
      @Doc("When this was put together.") Instant generatedAt) {}

  List<Operation<?, ?>> operations() {
    return List.of(
        one(Operation.get("/compute/regions"), "regions", "Lists regions.", "P2")
            .list(RegionView.class)
            .handle(call -> Page.whole(List.of(region()))),
        one(Operation.get("/regions"), "all_regions", "Lists regions.", "P3")
            .list(RegionView.class)
            .handle(call -> Page.whole(List.of(region()))),
        one(Operation.get("/settings/regions"), "settings_regions", "Lists regions.", "P3")
            .list(RegionView.class)
            .handle(call -> Page.whole(List.of(region()))),
        one(Operation.get("/compute/sizes"), "sizes", "Lists the sizes that have a name.", "P2")
            .list(SizeView.class)
            .handle(call -> Page.whole(sizes())),
        one(Operation.get("/compute/pricing"), "pricing", "Shows what things cost.", "P2")
            .response(Pricing.class, Envelope.FLAT_MIRROR)
            .handle(call -> pricing()),
        one(
                Operation.get("/settings/compute-pricing"),
                "settings_pricing",
                "Shows what things cost.",
                "P3")
            .response(Pricing.class, Envelope.FLAT_MIRROR)
            .handle(call -> pricing()),
        one(
                Operation.get("/settings/gpu-pricing"),
                "gpu_pricing",
                "Lists what GPUs cost: nothing, as no machine has one.",
                "P3")
            .list(PriceView.class)
            .handle(call -> Page.whole(List.of())),
        one(
                Operation.get("/settings/available-models"),
                "models",
                "Lists models that the installation offers: none, as it serves no models itself.",
                "P3")
            .list(TemplateView.class)
            .handle(call -> Page.whole(List.of())),
        one(Operation.get("/compute/catalog"), "catalog", "Lists what can be created.", "P2")
            .errors(ErrorCode.NODE_UNAVAILABLE)
            .response(Catalog.class, Envelope.DATA)
            .handle(call -> catalog()),
        one(Operation.get("/compute/templates"), "templates", "Lists templates.", "P3")
            .errors(ErrorCode.NODE_UNAVAILABLE)
            .list(TemplateView.class)
            .handle(call -> Page.whole(templates.get().stream().map(ComputeApi::view).toList())),
        one(Operation.get("/cli-tools"), "tools", "Lists programs that templates have.", "P3")
            .errors(ErrorCode.NODE_UNAVAILABLE)
            .list(Tool.class)
            .handle(call -> Page.whole(tools())),
        one(Operation.get("/compute/templates/:template_id"), "template", "Shows one.", "P3")
            .errors(ErrorCode.NODE_UNAVAILABLE, ErrorCode.TEMPLATE_NOT_FOUND)
            .response(TemplateView.class, Envelope.FLAT_MIRROR)
            .handle(this::template));
  }

  private static OperationBuilder<NoBody, NoBody> one(
      OperationBuilder<NoBody, NoBody> operation, String name, String summary, String priority) {
    return operation
        .id("compute." + name)
        .summary(summary)
        .priority(priority)
        .anyScope()
        .delegable();
  }

  private RegionView region() {
    return new RegionView(
        Installation.REGION,
        "This installation",
        Installation.REGION,
        null,
        null,
        nodeIsThere.getAsBoolean());
  }

  private List<SizeView> sizes() {
    return Arrays.stream(SandboxSize.values()).map(this::size).toList();
  }

  private SizeView size(SandboxSize size) {
    Shape shape = size.shape();
    double usd = prices.running(shape, HOUR_MS) / (double) Prices.CREDIT / CENTS;
    return new SizeView(
        size.wire(),
        size.wire(),
        size.name().toUpperCase(Locale.ROOT),
        shape.cpus(),
        shape.memoryMb(),
        shape.diskMb() / 1024,
        Math.round(usd * 1e6) / 1e6);
  }

  private Pricing pricing() {
    List<PriceView> views =
        Arrays.stream(Dimension.values())
            .filter(dimension -> prices.of(dimension).usd() > 0)
            .map(dimension ->
                new PriceView(
                    dimension.wire(),
                    dimension.unit(),
                    prices.of(dimension).usd(),
                    prices.of(dimension).per()))
            .toList();
    return new Pricing("usd", 1 / CENTS, views, sizes());
  }

  private Catalog catalog() {
    NodeDescription there = machine.get();
    List<String> sizes = Arrays.stream(SandboxSize.values()).map(SandboxSize::wire).toList();
    List<ProductTemplate> all =
        templates.get().stream()
            .map(kind ->
                new ProductTemplate(
                    kind.id(),
                    kind.id(),
                    kind.name(),
                    kind.description(),
                    SandboxSize.SMALL.wire(),
                    sizes,
                    sizes,
                    Arrays.stream(SandboxSize.values())
                        .map(size -> Readiness.of(size, kind, there))
                        .toList()))
            .toList();
    Product sandbox =
        new Product(
            "sandbox",
            "sandbox",
            "Sandbox",
            "A machine without a screen for commands, files and previews.",
            TemplateKind.USUAL,
            TemplateKind.USUAL,
            SandboxSize.SMALL.wire(),
            sizes,
            all);
    return new Catalog(List.of(sandbox), sizes(), Instant.now());
  }

  private List<Tool> tools() {
    Map<String, List<String>> found = new TreeMap<>();
    for (TemplateKind kind : templates.get()) {
      kind.tools()
          .forEach(tool -> found.computeIfAbsent(tool, t -> new ArrayList<>()).add(kind.id()));
    }
    return found.entrySet().stream()
        .map(entry -> new Tool(entry.getKey(), entry.getKey(), entry.getValue()))
        .toList();
  }

  private TemplateView template(Call call) {
    String id = call.path("template_id");
    return templates.get().stream()
        .filter(kind -> kind.id().equals(id))
        .findFirst()
        .map(ComputeApi::view)
        .orElseThrow(() -> AtollException.of(ErrorCode.TEMPLATE_NOT_FOUND, id));
  }

  private static TemplateView view(TemplateKind kind) {
    return new TemplateView(kind.id(), kind.name(), kind.id(), kind.description(), null);
  }
}

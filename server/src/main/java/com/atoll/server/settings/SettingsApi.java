package com.atoll.server.settings;

import com.atoll.server.http.Capability;
import com.atoll.server.http.Envelope;
import com.atoll.server.http.Idempotency;
import com.atoll.server.http.NoBody;
import com.atoll.server.http.Operation;
import com.atoll.server.http.OperationBuilder;
import com.atoll.server.store.Store;
import java.util.ArrayList;
import java.util.List;

/** Settings and branding over HTTP. */
public final class SettingsApi implements Capability {
  private final Settings settings;

  /** The settings of a store. */
  public SettingsApi(Store store) {
    settings = new Settings(store);
  }

  @Override
  public List<Operation<?, ?>> operations() {
    List<Operation<?, ?>> all = new ArrayList<>();
    all.add(
        read(Operation.get("/settings"), "get", "Reads the settings of the organization.")
            .response(Views.SettingsView.class, Envelope.FLAT_MIRROR)
            .handle(settings::get));
    all.add(
        write(Operation.put("/settings"), "set", "Lays settings over those that are there.")
            .request(Views.NewSettings.class)
            .response(Views.SettingsView.class, Envelope.FLAT_MIRROR)
            .handle(settings::set));
    all.addAll(branding("/tenant/branding", "tenant_branding"));
    all.addAll(branding("/settings/branding", "branding"));
    return all;
  }

  private List<Operation<?, ?>> branding(String path, String name) {
    return List.of(
        read(Operation.get(path), name + ".get", "Reads the branding.")
            .response(Views.BrandingView.class, Envelope.FLAT_MIRROR)
            .handle(settings::branding),
        write(Operation.put(path), name + ".set", "Sets the branding in place of the one before.")
            .request(Views.NewBranding.class)
            .response(Views.BrandingView.class, Envelope.FLAT_MIRROR)
            .handle(settings::brand),
        write(Operation.delete(path), name + ".clear", "Removes the branding.")
            .run(settings::clearBranding));
  }

  private static OperationBuilder<NoBody, NoBody> read(
      OperationBuilder<NoBody, NoBody> builder, String name, String summary) {
    return builder
        .id("settings." + name)
        .summary(summary)
        .priority("P3")
        .scope("organization:read")
        .ofWholeOrganization();
  }

  private static OperationBuilder<NoBody, NoBody> write(
      OperationBuilder<NoBody, NoBody> builder, String name, String summary) {
    return builder
        .id("settings." + name)
        .summary(summary)
        .priority("P3")
        .scope("organization:write")
        .ofWholeOrganization()
        .idempotency(Idempotency.NATURAL);
  }
}

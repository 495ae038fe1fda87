package com.atoll.node.devices;

import java.util.Locale;

/**
 * A graphics processor that a specification of the Container Device Interface names.
 *
 * @param device its name there
 * @param model what its driver calls it; empty when it does not say
 * @param edits what a container gets with it
 */
public record Gpu(Device device, String model, ContainerEdits edits) {
  /** Whether somebody may mean it who asks for a model, or for a part of its name. */
  public boolean fits(String wanted) {
    return model.toLowerCase(Locale.ROOT).contains(wanted.strip().toLowerCase(Locale.ROOT));
  }
}

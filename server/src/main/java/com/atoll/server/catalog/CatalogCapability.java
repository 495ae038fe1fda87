package com.atoll.server.catalog;

import com.atoll.model.AtollException;
import com.atoll.node.v1.ListRequest;
import com.atoll.server.http.Capability;
import com.atoll.server.http.Operation;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.sandboxes.Machine;
import com.atoll.server.store.Store;
import com.atoll.server.templates.TemplatesCapability;
import com.atoll.server.usage.Prices;
import java.util.ArrayList;
import java.util.List;

/** What there is to be had, and the figures that dashboards show. */
public final class CatalogCapability implements Capability {
  private final NodeClient node;
  private final List<Operation<?, ?>> operations = new ArrayList<>();

  /** The catalogue of a node's machines, at these prices. */
  public CatalogCapability(
      Store store, NodeClient node, TemplatesCapability templates, Prices prices) {
    this.node = node;
    operations.addAll(
        new ComputeApi(prices, this::nodeIsThere, templates::kinds, new Machine(node)::describe)
            .operations());
    operations.addAll(new DashboardApi(store, this::nodeIsThere).operations());
  }

  private boolean nodeIsThere() {
    try {
      var _ = node.templates().listTemplates(ListRequest.getDefaultInstance());
      return true;
    } catch (AtollException away) {
      return false;
    }
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return operations;
  }
}

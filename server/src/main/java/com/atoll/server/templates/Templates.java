package com.atoll.server.templates;

import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.Template;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What is known of templates; the node tells what changes. */
final class Templates implements NodeWatch.Listener {
  private final NodeClient node;
  private final Map<String, Template> known = new ConcurrentHashMap<>();
  private volatile Runnable changed = () -> {};

  Templates(NodeClient node) {
    this.node = node;
  }

  void onChange(Runnable action) {
    changed = action;
  }

  /** All templates, as the node says now. */
  List<Template> list() {
    refresh();
    return List.copyOf(new TreeMap<>(known).values());
  }

  Optional<Template> find(String id) {
    refresh();
    return Optional.ofNullable(known.get(id));
  }

  /** Whether a template is built, as far as is known. */
  boolean isActive(String id) {
    Template template = known.get(id);
    return template != null && template.getState().equals("active");
  }

  /** The port that a template declares, from memory; null when it declares none. */
  @Nullable Integer previewPort(String id) {
    Template template = known.get(id);
    return template == null || template.getPreviewPort() == 0 ? null : template.getPreviewPort();
  }

  @Override
  public void onEvent(NodeEvent event) {
    if (event.getWhatCase() == NodeEvent.WhatCase.TEMPLATE_CHANGED) {
      put(event.getTemplateChanged());
    }
  }

  @Override
  public void reconcile() {
    refresh();
  }

  private void refresh() {
    node.listTemplates(ListRequest.getDefaultInstance()).getTemplatesList().forEach(this::put);
  }

  private void put(Template template) {
    Template before = known.put(template.getId(), template);
    if (before == null || before.getPreviewPort() != template.getPreviewPort()) {
      changed.run();
    }
  }
}

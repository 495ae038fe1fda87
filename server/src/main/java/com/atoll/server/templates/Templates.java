package com.atoll.server.templates;

import com.atoll.model.Ids;
import com.atoll.node.v1.ListRequest;
import com.atoll.node.v1.NodeEvent;
import com.atoll.node.v1.Template;
import com.atoll.server.machines.NodeClient;
import com.atoll.server.machines.NodeWatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What is known of templates; the node tells what changes. */
final class Templates implements NodeWatch.Listener {
  /** What the ids of builds begin with; the node knows their images by them. */
  static final String BUILD = "bld";

  private final NodeClient node;
  private final Map<String, Template> known = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition told = lock.newCondition();
  private long news;
  private volatile Runnable changed = () -> {};

  Templates(NodeClient node) {
    this.node = node;
  }

  void onChange(Runnable action) {
    changed = action;
  }

  /** The templates that came with the program, as the node says now. */
  List<Template> list() {
    refresh();
    return new TreeMap<>(known)
        .values().stream().filter(template -> !Ids.is(BUILD, template.getId())).toList();
  }

  /** What the node last told of an image; null when that is nothing. */
  @Nullable Template remembered(@Nullable String id) {
    return id == null ? null : known.get(id);
  }

  /** Whether the node has told of it. */
  boolean isKnown(String id) {
    return known.containsKey(id) && !Ids.is(BUILD, id);
  }

  /** Waits until the node tells something, at most so long. */
  void awaitNews(Duration atMost) {
    lock.lock();
    try {
      long before = news;
      long left = atMost.toNanos();
      while (news == before && left > 0) {
        left = told.awaitNanos(left);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
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
    node.templates()
        .listTemplates(ListRequest.getDefaultInstance())
        .getTemplatesList()
        .forEach(this::put);
  }

  private void put(Template template) {
    lock.lock();
    try {
      news++;
      told.signalAll();
    } finally {
      lock.unlock();
    }
    Template before = known.put(template.getId(), template);
    if (before == null || before.getPreviewPort() != template.getPreviewPort()) {
      changed.run();
    }
  }
}
